/** The views in the order of their tabs. */
import { compare } from "./compare";
import { features } from "./features";
import { layers } from "./layers";
import { overview } from "./overview";
import { samples } from "./samples";
import type { View } from "./view";

export const views: readonly View[] = [overview, samples, features, layers, compare];
