/** `<explain-tree>`: the surrogate tree at the cursor, with the splits that were others at the reference. */
import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, state } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
import { getTree, type Manifest } from "../api";
import { clippedName, clippedNameStyles } from "../elements/clipped_name";
import { figureMenu } from "../elements/figure_menu";
import "../elements/figure_title";
import { onResize } from "../elements/resize";
import { note, problem, skeleton } from "../elements/states";
import { percent } from "../format";
import { memo } from "../memo";
import { described, store, Watch } from "../state";
import { stepName } from "../steps";
import { base } from "../styles";
import { palette } from "../theme";
import { className } from "../views/samples_model";
import type { Tree } from "./frames";
import { TREE_HELP } from "./help_texts";
import { FOLLOWED, LiveFrames, type Moment } from "./live_frames";
import { panelStyles } from "./panel_styles";
import { type FeatureName, splitText, splitWords, surrogateNames, treeSays } from "./surrogate_names";
import { classChip, isProbability, type ValueScale, valueColours, valueScale, valueText } from "./surrogate_scale";
import { treeTable } from "./tables";
import { type Change, treeChanges } from "./tree_difference";
import { layOut, type PlacedNode } from "./tree_layout";
import { changeText, ruleText, wasText } from "./tree_words";
import { ofStep } from "./words";

/** CSS pixels: from one level to the next, of a split's box, of the narrowest leaf, of the widest branch. */
const LEVEL = 84;
const SPLIT_WIDTH = { same: 176, changed: 208 };
const LEAF_WIDTH = 52;
/** With the lines below it. */
const LEAF_HEIGHT = { value: 58, class: 76 };
const BRANCH = 16;
/** Where a branch leaves a split's box. */
const FOOT = 38;
const NAMED_CHANGES = 6;

const HOW =
  "Left where the rule holds. The wider a branch, the more samples go there; under each leaf its part of them.";

const finiteRoot = ({ value }: Tree): boolean => Number.isFinite(value[0]);

interface Picture {
  now: Moment<Tree>;
  before: Moment<Tree> | undefined;
  manifest: Manifest;
  names: readonly FeatureName[];
  nodes: readonly PlacedNode[];
  changes: readonly Change[];
  scale: ValueScale;
}

@customElement("explain-tree")
export class TreePanel extends LitElement {
  static override styles = [
    base,
    panelStyles,
    clippedNameStyles,
    css`
      .wood { overflow-x: auto; outline-offset: -2px; }
      .tree { position: relative; margin-top: 4px; }
      .tree > svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
      .tree path { fill: none; stroke: var(--line2); stroke-linecap: butt; }
      .node { position: absolute; transform: translateX(-50%); text-align: center; }
      .split { border: 1px solid var(--line2); border-radius: 6px; background: var(--bg); padding: 2px 6px 3px; }
      .split .name { display: flex; justify-content: center; font-weight: 600; min-width: 0; }
      .split .rule { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
      .changed { border: 1.5px dashed var(--accent); }
      .was { color: var(--accent); font-size: 11px; display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .leaf .value { display: block; border-radius: 3px; padding: 3px 2px; font-weight: 600; border: 1px solid var(--line); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .leaf .of { display: block; overflow: hidden; text-overflow: ellipsis; }
      .leaf .of ~ * { font-weight: 400; }
      .leaf.changed .value { border: 1.5px dashed var(--accent); }
      .leaf.changed { border: 0; }
      .leaf .caption { display: block; white-space: nowrap; }
      .hatched { background: repeating-linear-gradient(135deg, var(--line2) 0 1px, var(--sunk) 1px 4px); }
      .changes { margin-top: 8px; }
      .changes li { overflow-wrap: anywhere; }
      .changes li::first-letter { text-transform: uppercase; }
    `,
  ];

  @state() private width = 0;
  private frames = new LiveFrames(this, "surrogate", ["tree"], getTree);
  private names = memo((manifest: Manifest, tree: Tree) => surrogateNames(manifest, tree.tokens));
  private nodes = memo(layOut);
  private changes = memo((now: Tree, before: Tree | undefined) => (before ? treeChanges(now, before) : []));

  constructor() {
    super();
    onResize(this, ({ width }) => {
      this.width = Math.floor(width);
    });
    new Watch(this, FOLLOWED);
  }

  protected override render() {
    const of = described(store.state);
    const now = of && this.frames.now(store.state);
    if (!of || !now) {
      const { error } = this.frames;
      return html`<section>${this.renderHead()}${error ? problem(error, () => this.frames.tryAgain()) : skeleton(320)}</section>`;
    }
    const { run, manifest } = of;
    const reference = this.frames.reference(store.state);
    const before = reference && reference.frame !== now.frame ? reference : undefined;
    const picture: Picture = {
      now,
      before,
      manifest,
      names: this.names(manifest, now.frame),
      nodes: this.nodes(now.frame),
      changes: this.changes(now.frame, before?.frame),
      scale: valueScale(
        manifest,
        this.frames.inMemory(run).map(({ frame }) => frame),
      ),
    };
    return html`<section>
      ${this.renderHead(picture)}
      ${this.frames.error ? problem(this.frames.error, () => this.frames.tryAgain()) : nothing}
      ${this.renderTree(picture)} ${this.renderChanges(picture)}
    </section>`;
  }

  private renderHead(picture?: Picture) {
    const heading = "Surrogate tree";
    const tree = picture?.now.frame;
    const says = tree && picture ? treeSays(picture.manifest, tree) : "";
    return html`<div class="row head">
      <explain-figure-title heading=${heading} .help=${TREE_HELP}></explain-figure-title>
      ${picture ? figureMenu(heading, () => treeTable(picture.now.frame, picture.names, (index) => className(picture.manifest, index))) : nothing}
      <span class="faint clip of" title=${says}>${says}</span>
      ${picture ? html`<span class="faint clip at">${ofStep(picture.now.run, picture.now.step, store.state.epoch)}</span>` : nothing}
    </div>`;
  }

  private renderTree(picture: Picture) {
    const { now, nodes, names } = picture;
    const [root] = nodes;
    if (!root || this.width < 40) return nothing;
    if (root.leaf) {
      const value = now.frame.value[0];
      return Number.isFinite(value)
        ? note(
            "The tree has no split",
            `One answer, ${this.wordsOf(root, picture)}, says as much of the model here as any rule would.`,
          )
        : note(
            "The model says nothing finite",
            "Its weights have become NaN or infinite: there is nothing to fit a tree to.",
            "warn",
          );
    }
    const wide = Math.max(this.width, root.leaves * LEAF_WIDTH);
    const unit = wide / root.leaves;
    const depth = Math.max(...nodes.map((node) => node.depth));
    const size = styleMap({
      width: `${wide}px`,
      height: `${depth * LEVEL + LEAF_HEIGHT[now.frame.class ? "class" : "value"]}px`,
    });
    return html`<div class="wood" tabindex=${wide > this.width ? 0 : nothing} role="group" aria-label=${`Surrogate tree of ${nodes.length} nodes`}>
      <div class="tree" style=${size}>
        <svg aria-hidden="true">${nodes.filter(({ path }) => path).map((node) => this.renderBranch(node, nodes, unit))}</svg>
        ${nodes.map((node) => (node.leaf ? this.renderLeaf(node, picture, unit) : this.renderSplit(node, picture, unit)))}
      </div>
      <ul class="unseen">${nodes.filter(({ leaf }) => leaf).map((node) => html`<li>${ruleText(now.frame, node, names)}: ${this.wordsOf(node, picture)}, ${percent(node.share)} of the samples</li>`)}</ul>
    </div>`;
  }

  private renderBranch(node: PlacedNode, nodes: readonly PlacedNode[], unit: number) {
    const parent = nodes.find(({ path }) => path === node.path.slice(0, -1)) as PlacedNode;
    const [x1, y1, x2, y2] = [parent.x * unit, parent.depth * LEVEL + FOOT, node.x * unit, node.depth * LEVEL];
    const bend = (y1 + y2) / 2;
    const thick = Math.max(1, node.share * BRANCH).toFixed(1);
    return svg`<path d=${`M${x1},${y1}C${x1},${bend} ${x2},${bend} ${x2},${y2}`} style=${styleMap({ strokeWidth: thick })}></path>`;
  }

  /** What was there at the reference; "" where it is the same. */
  private wasOf({ path }: PlacedNode, { before, changes, names, manifest }: Picture): string {
    const change = changes.find((each) => each.path === path);
    return change && before ? wasText(change, before.frame, names, (index) => className(manifest, index)) : "";
  }

  private renderSplit(place: PlacedNode, picture: Picture, unit: number) {
    const { now, names } = picture;
    const { name, rule } = splitWords(now.frame, place.node, names);
    const was = this.wasOf(place, picture);
    const width = Math.min(was ? SPLIT_WIDTH.changed : SPLIT_WIDTH.same, Math.max(LEAF_WIDTH, place.leaves * unit) - 6);
    const at = styleMap({ left: `${place.x * unit}px`, top: `${place.depth * LEVEL}px`, width: `${width}px` });
    const title = `${splitText(now.frame, place.node, names)}: ${percent(place.share)} of the samples come here${was ? `; ${was}` : ""}`;
    return html`<div class="node split ${was ? "changed" : ""}" style=${at} title=${title}>
      <span class="name">${clippedName(name)}</span><span class="rule">${rule}</span>${was ? html`<span class="was">${was}</span>` : nothing}
    </div>`;
  }

  private renderLeaf(place: PlacedNode, picture: Picture, unit: number) {
    const { now, scale, names, manifest } = picture;
    const value = now.frame.value[place.node];
    const was = this.wasOf(place, picture);
    const at = styleMap({
      left: `${place.x * unit}px`,
      top: `${place.depth * LEVEL}px`,
      width: `${Math.min(unit, 96) - 4}px`,
    });
    const index = now.frame.class?.[place.node];
    const of = index === undefined ? "" : className(manifest, index);
    const { theme } = palette();
    const colours = index === undefined ? valueColours(value, scale, theme) : classChip(index, value, theme);
    const title = `${ruleText(now.frame, place, names)}: ${this.wordsOf(place, picture)}, ${percent(place.share)} of the samples${was ? `; ${was}` : ""}`;
    return html`<div class="node leaf ${was ? "changed" : ""}" style=${at} title=${title}>
      <span class="value ${colours ? "" : "hatched"}" style=${styleMap(colours ?? {})}>${of ? html`<b class="of">${of}</b>` : nothing}${valueText(value, scale, isProbability(now.frame))}</span>
      <span class="caption">${percent(place.share).replace(/\.\d/, "")}</span>${was ? html`<span class="was">${was}</span>` : nothing}
    </div>`;
  }

  /** What a leaf says, in words. */
  private wordsOf({ node }: PlacedNode, { now, scale, manifest }: Picture): string {
    const { class: classes, value } = now.frame;
    const text = valueText(value[node], scale, isProbability(now.frame));
    return classes ? `${className(manifest, classes[node])}, ${text}` : text;
  }

  private renderChanges({ now, before, changes, names, manifest }: Picture) {
    const how = now.frame.feature.length > 1 ? html`<p class="caption">${HOW}</p>` : nothing;
    if (!before || !finiteRoot(now.frame)) return how;
    const since = stepName(before.run, before.step);
    const from = before.run.run === now.run.run ? since : `${before.run.label} at ${since}`;
    const told = changes.slice(0, NAMED_CHANGES);
    return html`<div class="changes">
      ${how}
      ${
        told.length
          ? html`<h2>Otherwise than at ${from}</h2><ul>${told.map((change) => html`<li>${changeText(change, now.frame, before.frame, names, (index) => className(manifest, index))}</li>`)}
            ${changes.length > told.length ? html`<li class="faint">and ${changes.length - told.length} more below</li>` : nothing}</ul>`
          : html`<p class="quiet">The same splits as at ${from}.</p>`
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "explain-tree": TreePanel;
  }
}
