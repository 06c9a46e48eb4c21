/** The last result of a function, for as long as its arguments are the same. */
export function memo<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
  let last: { args: A; result: T } | undefined;
  return (...args) => {
    if (!last || args.length !== last.args.length || args.some((arg, i) => arg !== last?.args[i])) {
      last = { args, result: make(...args) };
    }
    return last.result;
  };
}
