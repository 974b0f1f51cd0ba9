/** Parses JSON; `undefined` if it is malformed. The parser's error quotes the input, which must not be logged. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
