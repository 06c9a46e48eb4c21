/** Model: what has it learned as a whole? */
export * from "../model/element";
