/** Compare: how do two runs or two epochs differ? */
export * from "../compare/element";
