/** Overview: what happened, and when? */
export * from "../overview/element";
