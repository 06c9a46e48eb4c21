/** Looks for new data while the tab can be seen, and lets the cursor follow it where it stood at the end. */
import { readAlarms } from "./alarms";
import { forget, type Groups, getDrift, getGroups, getManifest, type Run } from "./api";
import { canBeSeen } from "./host";
import { referenceOf } from "./references";
import { withNewRuns } from "./runs";
import { cursorSteps, explained, focusRun, shownRuns, standAt, store } from "./state";

const EMPTY = 30_000;
const GROWING = 10_000;
/** A run that has not grown for this long is taken to have ended. */
const ENDED = 300_000;

/** After a look that failed: the server may be about to come back. */
const FAILED = 5_000;

const REST = 80;

let seen = "";
let changedAt = Date.now();
let timer = 0;
let underWay: Promise<void> | null = null;

const allRuns = (groups: Groups | null): Run[] => groups?.groups.flatMap(({ runs }) => runs) ?? [];

/** Runs that were written anew, resumed for example: their frames in memory may have been superseded. */
function rewritten(before: Groups | null, now: Groups): Set<string> {
  const hashes = new Map(allRuns(now).map(({ run, manifest }) => [run, manifest]));
  const changed = allRuns(before).filter(({ run, manifest }) => manifest !== "" && hashes.get(run) !== manifest);
  return new Set(changed.map(({ run }) => run));
}

/** Ask for what there is, if the tab can be seen; everything that shows data is keyed by `revision`, which goes up if there is more. */
export function refresh(): Promise<void> {
  if (!canBeSeen()) return Promise.resolve();
  underWay ??= look().finally(() => {
    underWay = null;
    schedule();
  });
  return underWay;
}

async function look(): Promise<void> {
  let groups: Groups;
  try {
    groups = await getGroups();
  } catch (failure) {
    store.set({ failure: failure as Error });
    return;
  }
  if (!canBeSeen()) return; // nothing more is asked; being shown again looks anew
  const text = JSON.stringify(groups);
  const { state } = store;
  if (text === seen && !state.failure) {
    store.set({ readAt: Date.now() });
    return;
  }
  // After a failure all is new: what was asked while nobody answered is asked again.
  if (text !== seen) changedAt = Date.now();
  seen = text;
  const followed = state.groups !== null && state.asked === null && state.epoch === cursorSteps(state).at(-1);
  const now = { ...state, groups, seen: withNewRuns(state.seen, groups) };
  const cursor = standAt(now, followed ? null : (state.asked ?? state.epoch));
  forget(rewritten(state.groups, groups));
  store.set({
    groups,
    seen: now.seen,
    ...cursor,
    resting: state.resting ?? cursor.epoch,
    failure: null,
    readAt: Date.now(),
    revision: state.revision + 1,
  });
  await Promise.all([readManifests(), readAlarms(), readBest()]);
}

/** Manifests of the runs that are drawn; one that cannot be read is tried again with the next data. */
async function readManifests(): Promise<void> {
  const { state } = store;
  const focus = focusRun(state);
  const wanted = new Set([...(focus ? [focus] : []), ...shownRuns(state)].map(({ run }) => run));
  await Promise.all(
    [...wanted].map(async (run) => {
      const manifest = await getManifest(run).catch(() => undefined);
      if (manifest) store.set({ manifests: { ...store.state.manifests, [run]: manifest } });
    }),
  );
}

/** Which step `best:<metric>` means; it may be another one with every new epoch. */
async function readBest(): Promise<void> {
  const { state } = store;
  const [of, { against }] = [explained(state), state];
  if (!of || referenceOf(state).kind !== "best") return;
  const drift = await getDrift(of.run.run, of.tag, against).catch(() => undefined);
  const step = drift?.referenceSteps.find((found) => found !== null) ?? null;
  store.set({ best: step === null ? null : { run: of.run.run, against, step } });
}

function schedule(): void {
  clearTimeout(timer);
  if (!canBeSeen()) return; // being shown again is what looks then
  const { groups, failure } = store.state;
  const growing = allRuns(groups).length > 0 && Date.now() - changedAt < ENDED;
  timer = setTimeout(() => void refresh(), failure ? FAILED : growing ? GROWING : EMPTY) as unknown as number;
}

/** Start looking, and let `resting` follow the cursor once it stands still. */
export function keepFresh(): void {
  let rest = 0;
  store.subscribe((now, before) => {
    if (now.visible !== before.visible) {
      clearTimeout(timer);
      void refresh();
    }
    if (now.focus !== before.focus || now.shown !== before.shown) {
      void readManifests();
      void readAlarms();
    }
    if (now.focus !== before.focus || now.method !== before.method) keepCursor();
    if (now.focus !== before.focus || now.method !== before.method || now.against !== before.against) void readBest();
    if (now.epoch === before.epoch) return;
    clearTimeout(rest);
    if (before.resting === null) store.set({ resting: now.epoch });
    else rest = setTimeout(() => store.set({ resting: store.state.epoch }), REST) as unknown as number;
  });
  if (store.state.visible) void refresh();
}

/** Another run or method may lack the cursor's step. */
function keepCursor(): void {
  const { state } = store;
  if (state.epoch === null) return;
  const { epoch } = standAt(state, state.epoch);
  store.set({ epoch, resting: epoch });
}
