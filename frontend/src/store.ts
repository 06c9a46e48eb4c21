/** The one store: what is chosen, what the server has, and who is told when that changes. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Against, Alarm, Groups, Manifest } from "./api";

export interface State {
  // ------------------------------------------------------------- chosen; in the address too
  view: string;
  /** The cursor: a step of the focus run, which is an epoch unless the run counts iterations. Null while nothing is known. */
  epoch: number | null;
  /** What drift is measured against, as the routes take it. */
  against: Against;
  /** Runs whose curves are drawn. Null: those that can be compared with the focus run. */
  shown: ReadonlySet<string> | null;
  /** The run that details are of; "" means the first. */
  focus: string;
  /** Attribution method; "" means integrated gradients, or the focus run's first. */
  method: string;
  /** Index of the chosen sample. */
  sample: number | null;
  feature: string;
  layer: string;
  /** Which of a layer's histograms is drawn by epoch: "activation", which "" means too, "gradient" or "weight". */
  histogram: string;
  /** How it is drawn: "ridges", which "" means too, or "map". */
  picture: string;
  sort: string;
  filter: string;
  /** Regular expression: runs that it does not match are neither listed nor, but for the focus run, drawn. */
  runFilter: string;
  /** Rows of the Overview that are unfolded, separated by commas. */
  more: string;
  /** Weight of the moving average that curves of learning are smoothed by, 0 to 0.999. */
  smoothing: number;
  /** Charts whose scale was changed by hand, separated by commas: `log:<title>` or `linear:<title>`. */
  scales: string;
  /** First and last place on the axis of epochs that all curves show; null for all. */
  zoom: readonly [number, number] | null;
  // ------------------------------------------------------------------------ of the moment
  /** The cursor once it has rested for 80 ms: what is fetched, while `epoch` is what is drawn. */
  resting: number | null;
  /** The place on the axis of epochs of the step under the pointer, in whichever chart. */
  hover: number | null;
  playing: boolean;
  /** Steps a second. */
  speed: number;
  /** The step at which the cursor was wanted but which there is not, or not yet: it stands at the nearest. Null where it stands as wanted. */
  asked: number | null;
  dark: boolean;
  /** The tab can be seen; nothing is fetched while it cannot. */
  visible: boolean;
  // ------------------------------------------------------------------------ from the server
  /** Null until the first answer. */
  groups: Groups | null;
  /** Names of all runs so far, in the order in which they were seen: which colours they have. */
  seen: readonly string[];
  /** Why the last look for new data failed, if it did. */
  failure: Error | null;
  /** When `/groups` last answered, ms since 1970. */
  readAt: number;
  /** By run; absent until it has been read. */
  manifests: Readonly<Record<string, Manifest>>;
  /** Of all groups with a run that is drawn, by epoch; null until they have been read. */
  alarms: readonly Alarm[] | null;
  /** Why they could not be read. */
  alarmsFailure: Error | null;
  /** The step that `against` means where it is `best:<metric>`, of which run; null until the server has said. */
  best: { run: string; against: Against; step: number } | null;
  /** Goes up whenever the server has something new. Part of the key of everything fetched. */
  revision: number;
}

const initial: State = {
  view: "overview",
  epoch: null,
  against: "start",
  shown: null,
  focus: "",
  method: "",
  sample: null,
  feature: "",
  layer: "",
  histogram: "",
  picture: "",
  sort: "",
  filter: "",
  runFilter: "",
  more: "",
  smoothing: 0,
  scales: "",
  zoom: null,
  resting: null,
  hover: null,
  playing: false,
  speed: 8,
  asked: null,
  dark: false,
  visible: true,
  groups: null,
  seen: [],
  failure: null,
  readAt: 0,
  manifests: {},
  alarms: null,
  alarmsFailure: null,
  best: null,
  revision: 0,
};

type Listener = (state: State, before: State, push: boolean) => void;

export class Store {
  state: State = initial;
  private listeners = new Set<Listener>();

  /** `push`: a choice of its own, which the browser's Back should undo. */
  set(change: Partial<State>, { push = false } = {}): void {
    const before = this.state;
    const changed = (Object.keys(change) as (keyof State)[]).some((key) => change[key] !== before[key]);
    if (!changed) return;
    this.state = { ...before, ...change };
    for (const listener of [...this.listeners]) listener(this.state, before, push);
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export const store = new Store();

/** Renders its host again when one of `keys` (all but the pointer's step, by default) has changed. */
export class Watch implements ReactiveController {
  private stop?: () => void;
  private keys: readonly (keyof State)[];

  constructor(
    private host: ReactiveControllerHost,
    keys: readonly (keyof State)[] = (Object.keys(initial) as (keyof State)[]).filter((key) => key !== "hover"),
  ) {
    // Whoever draws the reference draws it anew when the server has said which step it is.
    this.keys = keys.includes("against") ? [...keys, "best"] : keys;
    host.addController(this);
  }

  hostConnected(): void {
    this.stop = store.subscribe((now, before) => {
      if (this.keys.some((key) => now[key] !== before[key])) this.host.requestUpdate();
    });
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    this.stop?.();
  }
}
