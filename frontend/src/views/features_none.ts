/** What stands for rows where none of the features was asked for. */
import { note } from "../elements/states";
import type { FeatureTable } from "./features_model";
import type { Shown } from "./features_shown";

export const noneFound = ({ names }: FeatureTable, { sought, region }: Shown) =>
  sought
    ? note(
        "No feature is called that",
        `None of the ${names.length} features${region ? ` in ${region}` : ""} contains “${sought}”. Clear the search${region ? ", or choose all in “In”" : ""}.`,
      )
    : note(
        "No feature lies there",
        `${region} is of an input that this method says nothing of. Choose all in “In”, or another method.`,
      );
