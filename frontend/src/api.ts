/**
 * All HTTP of the tab: one typed function a route of http_api.md.
 *
 * Answers are kept: frames until their run is written anew, everything else until `/groups` tells of
 * new data; `forget()` is told of both. Equal requests under way are sent once, those for
 * series of a run together; a request is aborted when nobody waits for it any more.
 */
import {
  type Against,
  type Alarm,
  type Attribution,
  type ByGroup,
  type Comparison,
  type Curve,
  type Drift,
  type DriftMatrix,
  type Groups,
  type Manifest,
  type Predictions,
  RouteError,
  type Series,
} from "./answers";
import { type Answer, Cache } from "./cache";
import { type Gate, gate } from "./gate";
import { toAttention, toMaps, toMaximized } from "./layer_frames";
import { memo } from "./memo";
import { type Embeddings, toBoundary, toEmbeddings, toLinear, toTree } from "./model/frames";
import {
  partOf,
  toAttribution,
  toByGroup,
  toComparison,
  toCurves,
  toDrift,
  toInputs,
  toMatrix,
  toPredictions,
  toSeries,
} from "./parsing";
import { parseSafetensors, type Safetensors } from "./safetensors";
import { together } from "./together";

export * from "./answers";

// ------------------------------------------------------------------------------- the routes

export async function getGroups(signal?: AbortSignal): Promise<Groups> {
  // Never from the cache: this is the question whether there is anything new.
  return (await send(address("groups", {}), signal ?? null)).json();
}

export const getManifest = (run: string, signal?: AbortSignal): Promise<Manifest> =>
  ask("manifest", { run }, json as Parse<Manifest>, signal);

export const getSeries = (run: string, tag: string, signal?: AbortSignal): Promise<Series> =>
  cache.get(address("series", { run, tag }), signal, (abort) => someSeries(run, tag, abort));

export const getScalars = (group: string, signal?: AbortSignal): Promise<Curve[]> =>
  ask("scalars", { group }, async (response) => toCurves(await response.json()), signal);

export const getDrift = (run: string, tag: string, against: Against, signal?: AbortSignal): Promise<Drift> =>
  ask("drift", { run, tag, against }, async (response) => toDrift(await response.json()), signal, drifts);

export const getByGroup = (run: string, tag: string, against: Against, signal?: AbortSignal): Promise<ByGroup> =>
  ask("by_group", { run, tag, against }, async (response) => toByGroup(await response.json()), signal, drifts);

export const getDriftMatrix = (run: string, tag: string, againstRun = "", signal?: AbortSignal): Promise<DriftMatrix> =>
  ask("drift_matrix", againstRun ? { run, tag, against_run: againstRun } : { run, tag }, arrays(toMatrix), signal);

export const getEmbeddings = (run: string, signal?: AbortSignal): Promise<Embeddings> =>
  ask("embedding", { run }, arrays(toEmbeddings), signal);

/** Runs whose embeddings TensorBoard's own Projector has been given; none where it is not installed. */
export const getProjectorRuns = (signal?: AbortSignal): Promise<string[]> =>
  ask("../projector/runs", {}, json as Parse<string[]>, signal).catch(() => []);

export const getComparison = (
  run: string,
  tag: string,
  step: number,
  against: Against,
  signal?: AbortSignal,
): Promise<Comparison> =>
  ask(
    "compare",
    { run, tag, step: String(step), against },
    async (response) => toComparison(await response.json()),
    signal,
  );

export const getAlarms = (group: string, signal?: AbortSignal): Promise<Alarm[]> =>
  ask("alarms", { group }, async (response) => (await response.json()).alarms, signal);

export const getInputs = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toInputs, signal);

export const getPredictions = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toPredictions, signal);

export const getAttribution = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toAttribution, signal);

/** Of a layer, or rolled out over all of them. */
export const getAttention = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toAttention, signal);

export const getMaps = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toMaps, signal);

export const getMaximized = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toMaximized, signal);

/** A frame if it is in memory, as whoever asked for it first has it. */
export function peekFrame<T>(run: string, tag: string, step: number): T | undefined {
  return cache.peek(frameAddress(run, tag, step)) as T | undefined;
}

export const getBoundary = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toBoundary, signal);

export const getTree = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toTree, signal);

export const getLinear = (run: string, tag: string, step: number, signal?: AbortSignal) =>
  frame(run, tag, step, toLinear, signal);

/** The attribution of a step if it is in memory: what dragging the cursor draws from. */
export function peekAttribution(run: string, tag: string, step: number): Attribution | undefined {
  return cache.peek(frameAddress(run, tag, step)) as Attribution | undefined;
}

/** The predictions of a step if they are in memory. */
export function peekPredictions(run: string, tag: string, step: number): Predictions | undefined {
  return cache.peek(frameAddress(run, tag, step)) as Predictions | undefined;
}

/** Those of a tag's `steps` whose frames are in memory: the same list as long as they are the same. */
export const stepsInMemory = (run: string, tag: string, steps: readonly number[]): number[] =>
  inMemory(run, tag, steps, cache.version);

const inMemory = memo((run: string, tag: string, steps: readonly number[], _version: number): number[] => {
  const address = frameAddress(run, tag, "");
  return steps.filter((step) => cache.peek(`${address}${step}`) !== undefined);
});

/** Drop every answer that new data may have changed; of runs that were written anew, their frames too. */
export function forget(rewritten: ReadonlySet<string> = new Set()): void {
  cache.forget((url) => rewritten.has(new URL(url).searchParams.get("run") ?? ""));
}

// --------------------------------------------------------------------- from bytes to answers

/** With what the page takes beside them, frames stay within 150 MB: 240 of 256 samples with 28 × 28 cells. */
const FRAME_BYTES = 96e6;
const cache = new Cache(FRAME_BYTES);

const atOnce: Gate = (work) => work();
/** Of twenty runs they would hold all six requests of the browser and both hands of the server, and frames would wait. */
const drifts = gate(2);

type Parse<T> = (response: Response) => Promise<T>;
const json = (response: Response): Promise<unknown> => response.json();
const arrays =
  <T>(convert: (file: Safetensors) => T): Parse<T> =>
  async (response) =>
    convert(parseSafetensors(await response.arrayBuffer()));

// index.js lies beside the routes, whatever --path_prefix is. Kept in a variable: Vite takes a
// `new URL(…, import.meta.url)` for a file to bundle.
const here = import.meta.url;

function address(route: string, parameters: Record<string, string> | [string, string][]): string {
  const url = new URL(`./${route}`, here);
  url.search = new URLSearchParams(parameters).toString();
  return url.href;
}

/** @param step  last, so that the addresses of a tag's steps begin alike */
const frameAddress = (run: string, tag: string, step: number | ""): string =>
  address("frame", { run, tag, step: String(step) });

/** Each is an answer of its own: what one element asked for, another finds. */
const someSeries = together<Answer<Series>>(async (run, tags, signal) => {
  const url = address("series", [["run", run], ...tags.map((tag): [string, string] => ["tag", tag])]);
  const file = parseSafetensors(await (await send(url, signal)).arrayBuffer());
  return (tag) => {
    const one = tags.length > 1 ? partOf(file, tag) : file;
    return { value: toSeries(one), bytes: bytesOf(one), fixed: false };
  };
});

const bytesOf = ({ tensors }: Safetensors): number =>
  Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);

function frame<T>(
  run: string,
  tag: string,
  step: number,
  convert: (file: Safetensors) => T,
  signal?: AbortSignal,
): Promise<T> {
  const url = frameAddress(run, tag, step);
  return cache.get(url, signal, async (abort) => {
    const file = parseSafetensors(await (await send(url, abort)).arrayBuffer());
    return { value: convert(file), bytes: bytesOf(file), fixed: true };
  });
}

function ask<T>(
  route: string,
  parameters: Record<string, string>,
  parse: Parse<T>,
  signal?: AbortSignal,
  pass: Gate = atOnce,
): Promise<T> {
  const url = address(route, parameters);
  return cache.get(url, signal, (abort) =>
    pass(async () => {
      const response = await send(url, abort);
      const bytes = Number(response.headers.get("Content-Length")) || 10_000;
      return { value: await parse(response), bytes, fixed: false };
    }, abort),
  );
}

async function send(url: string, signal: AbortSignal | null): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RouteError("TensorBoard does not answer", "a running TensorBoard at this page's address", String(error));
  }
  if (response.ok) return response;
  throw await toError(response);
}

async function toError(response: Response): Promise<RouteError> {
  const text = await response.text();
  try {
    const { what, expected, received } = JSON.parse(text).error;
    return new RouteError(what, expected, received, response.status);
  } catch {
    const received = `${response.status} ${response.statusText} ${text.slice(0, 200)}`.trim();
    return new RouteError("TensorBoard refused a request", "status 200", received, response.status);
  }
}
