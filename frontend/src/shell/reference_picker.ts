/** `<explain-reference-picker>`: what drift is measured against: a step, a mean of steps, the best epoch, another run. */
import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { type Choice, leave } from "../elements/controls";
import { words } from "../format";
import { bestBy, parseReference, referenceName, referenceStep, setReference, TRAILING } from "../references";
import { comparable, cursorSteps, focusRun, type RunEntry, runsOf, type State, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";

/** What stands for the cursor's step until it is chosen: the reference then stays there. */
const HERE = "here";

interface Section {
  title: string;
  choices: readonly Choice[];
}

/** What a run's explanations can be held against, by what it is. */
export function referenceSections(state: State, run: RunEntry): Section[] {
  const { against, epoch } = state;
  const steps = cursorSteps(state);
  const chosen = against.startsWith("step:")
    ? [{ id: against, title: `reference ${stepName(run, referenceStep(state) ?? steps[0])}` }]
    : [];
  const here =
    epoch !== null && against !== `step:${epoch}` ? [{ id: HERE, title: `this ${stepName(run, epoch)}` }] : [];
  const others = runsOf(state).filter((other) => other.run !== run.run && comparable(other, run));
  const sections = [
    {
      title: "Of this run",
      choices: [
        { id: "start", title: "the start" },
        { id: "previous", title: "the previous step" },
        { id: TRAILING, title: "the mean of 5 before" },
        { id: "last", title: "the last step" },
        ...chosen,
        ...here,
      ],
    },
    {
      title: "Its best epoch by",
      choices: bestBy(run).map((metric) => ({ id: `best:${metric}`, title: `best ${words(metric).toLowerCase()}` })),
    },
    {
      title: "Another run, same epoch",
      choices: others.map((other) => ({ id: `run:${other.run}`, title: other.label })),
    },
  ];
  if (!parseReference(against) || sections.some(({ choices }) => choices.some(({ id }) => id === against)))
    return sections;
  // A link may name what is not offered: another count of steps, a step of another run.
  return [...sections, { title: "From a link", choices: [{ id: against, title: referenceName(state) || against }] }];
}

@customElement("explain-reference-picker")
export class ReferencePicker extends LitElement {
  static override styles = [
    base,
    css`
      :host, label { display: block; }
      .name { position: absolute; left: 9px; top: 6px; color: var(--ink3); pointer-events: none; }
      select {
        height: 28px; max-width: 260px; padding: 0 24px 0 88px; border: 1px solid var(--line2); border-radius: 6px;
        background: var(--bg); font-weight: 500;
      }
      @media (max-width: 1199px) {
        select { max-width: 224px; }
      }
      @media (max-width: 999px) {
        .name { display: none; }
        select { max-width: 144px; padding-left: 8px; }
      }
    `,
  ];

  constructor() {
    super();
    // Not the moving cursor: its step is one of hundreds of choices.
    new Watch(this, ["groups", "against", "resting", "focus", "method"]);
  }

  protected override render() {
    const state = { ...store.state, epoch: store.state.resting };
    const run = focusRun(state);
    if (!run || !cursorSteps(state).length) return nothing;
    const { against } = state;
    const chosen = parseReference(against) ? against : "start";
    return html`<label class="opens">
      <span class="name">Drift against</span>
      <select aria-label="Drift against" title=${`Drift against ${referenceName(state)}`} .value=${chosen} @change=${this.choose}>
        ${referenceSections(state, run).map(({ title, choices }) =>
          choices.length
            ? html`<optgroup label=${title}>
                ${choices.map(({ id, title }) => html`<option value=${id} .selected=${id === chosen}>${title}</option>`)}
              </optgroup>`
            : nothing,
        )}
      </select>
    </label>`;
  }

  private choose(event: Event): void {
    const select = event.target as HTMLSelectElement;
    if (select.value === HERE) setReference(store.state.epoch ?? 0);
    else store.set({ against: select.value }, { push: true });
    leave(select);
  }
}
