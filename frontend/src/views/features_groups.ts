/**
 * `<explain-feature-groups>`: whether the model does as well, and reasons alike, for each group of samples that the probe declares.
 * One answer holds all steps, so that nothing is asked while the cursor moves.
 */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { type ByGroup, getByGroup } from "../api";
import { indexAt } from "../charts/curve_data";
import "../elements/at_cursor";
import { clippedNameStyles } from "../elements/clipped_name";
import { controlStyles } from "../elements/controls";
import "../elements/curve_panel";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { methodOffer } from "../elements/method_offer";
import { onResize } from "../elements/resize";
import { note, problem, skeleton } from "../elements/states";
import { isolated } from "../format";
import { load } from "../loading";
import { memo } from "../memo";
import { methodTitle } from "../methods";
import { againstFor, sinceText } from "../references";
import { described, explained, focusManifest, focusRun, shownMethod, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { DRAWN, driftPanel, groupSharePanel, lossPanel } from "./features_group_panels";
import { figuresData, figuresTable, groupStyles, groupsWithin, sharesData, sharesTable } from "./features_group_tables";
import { GROUPS_HELP, SHARES_HELP } from "./features_split_help";
import { splitSegments } from "./features_split_tools";
import { groupFeatures } from "./groups_model";

@customElement("explain-feature-groups")
export class FeatureGroups extends LitElement {
  static override styles = [
    base,
    controlStyles,
    clippedNameStyles,
    groupStyles,
    css`
      :host { overflow: hidden auto; scrollbar-gutter: stable; }
      section { margin: 0 8px 24px 0; min-width: 0; }
      .title { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; margin-bottom: 4px; }
      .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 0 32px; max-width: 1600px; }
      .offers { margin-top: 8px; flex-wrap: wrap; }
    `,
  ];

  protected watch = new Watch(this, [
    "feature",
    "filter",
    "focus",
    "method",
    "against",
    "groups",
    "manifests",
    "dark",
    "visible",
    "revision",
  ]);

  /** Of the view; what would not fit is left out. */
  @state() private width = Number.POSITIVE_INFINITY;

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = width;
    });
  }

  private answer = load(
    this,
    () => {
      const { state } = store;
      const [of, known] = [explained(state), described(state)];
      if (!of || !known?.manifest.probe.groups.length) return null;
      return [of.run, of.tag, againstFor(state, of.run), state.revision] as const;
    },
    async ([run, tag, against], signal) => ({ run, tag, answer: await getByGroup(run.run, tag, against, signal) }),
  );

  private features = memo(groupFeatures);
  private loss = memo(lossPanel);
  private drift = memo(driftPanel);
  private share = memo(groupSharePanel);

  protected override render() {
    return html`<div class="tools" role="toolbar" aria-label="Features">${splitSegments()}</div>${this.content()}`;
  }

  private content() {
    const state = store.state;
    const manifest = focusManifest(state);
    if (!manifest) return skeleton(480);
    if (!manifest.probe.groups.length)
      return note(
        "The probe declares no groups",
        "Pass Probe(…, groups=[…]), one name a sample, and each group’s loss, drift and shares stand here.",
      );
    const of = explained(state);
    if (!of) return methodOffer(focusRun(state)) ?? skeleton(480);
    if (this.answer.error) return problem(this.answer.error, () => void this.answer.run());
    const held = this.answer.value;
    if (!held || held.run.run !== of.run.run || held.tag !== of.tag) return skeleton(480);
    const { answer } = held;
    const features = this.features(answer, manifest);
    const selected = features.findIndex(({ name }) => name === state.feature);
    const shown = Math.max(0, selected);
    const room = groupsWithin(this.width, answer.groups.length);
    const at = () => indexAt(answer.steps, store.state.epoch ?? Number.POSITIVE_INFINITY);
    const panels = [
      this.loss(of.run, answer, state.dark),
      this.drift(of.run, answer, sinceText(state), state.dark),
      features.length ? this.share(of.run, answer, shown, features[shown].name, state.dark) : undefined,
    ];
    return html`
      <section>
        <div class="title"><explain-figure-title heading="Groups" .help=${GROUPS_HELP}></explain-figure-title>${figureMenu("Groups", () => figuresData(answer, at()))}
          <span class="caption"><explain-at-cursor .content=${() => this.said(answer, at())}></explain-at-cursor></span></div>
        <explain-at-cursor .content=${() => figuresTable(answer, at())}></explain-at-cursor>
      </section>
      <section>
        <div class="title"><explain-figure-title heading="Shares of the strongest features" .help=${SHARES_HELP}></explain-figure-title>
          ${figureMenu("Shares by group", () => sharesData(answer, at(), features))} <span class="faint">%, ± 2 SE; dashed: all samples</span></div>
        <explain-at-cursor .content=${() => sharesTable(answer, at(), features, shown, room, (feature) => store.set({ feature }, { push: true }))}></explain-at-cursor>
        ${room.count < answer.groups.length ? html`<p class="caption">The ${room.count} largest groups; the download has all.</p>` : nothing}
        ${features.some((feature) => feature.protected) ? html`<p class="caption">◈ protected: declared not to matter.</p>` : nothing}
      </section>
      <div class="curves">${panels.map((panel) => (panel ? html`<section><explain-curve-panel .panel=${panel}></explain-curve-panel></section>` : nothing))}</div>
      ${answer.groups.length > DRAWN ? html`<p class="caption">Curves are of the ${DRAWN} largest groups.</p>` : nothing}`;
  }

  /** "Integrated gradients at epoch 31 · bold: beyond noise · groups of fewer than 10 samples have no figures" */
  private said({ steps, groups, groupsLeftOut, fewest }: ByGroup, at: number): string {
    const run = focusRun(store.state);
    const small = groups.filter(({ samples }) => samples < fewest);
    return [
      `${methodTitle(shownMethod(store.state) ?? "")}, ${stepName(run, steps[at])}`,
      "bold: beyond noise",
      small.length
        ? `few samples, so no figures: ${small.map(({ name }) => isolated(name)).join(", ")} (fewer than ${fewest})`
        : "",
      groupsLeftOut ? `${groupsLeftOut} smaller groups left out` : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-feature-groups": FeatureGroups;
  }
}
