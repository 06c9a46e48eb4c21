/** The views in the order of their tabs. */
import { overview } from "./overview";
import type { View } from "./view";

export const views: readonly View[] = [overview];
