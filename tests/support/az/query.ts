// As much of JMESPath as `az --query` is given here: paths, filters by (in)equality, flattening, and lists and objects put
// together from them. Anything else throws. https://jmespath.org/specification.html

type Read = (from: unknown) => unknown;

const TOKEN = /\s*(==|!=|\[\?|\[\]|[.,:{}[\]]|'[^'\\]*'|[A-Za-z_]\w*)\s*/y;

/** What `expression` finds in a document. */
export function query(expression: string, document: unknown): unknown {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`Not understood: ${expression.slice(at)}`);
    tokens.push(token);
  }
  const read = expressionOf(tokens);
  if (tokens.length > 0) throw new Error(`Not understood: ${tokens.join(" ")}`);
  return read(document);
}

/** One expression, taken off the front of the tokens. */
function expressionOf(tokens: string[]): Read {
  const left = followed(startOf(tokens), tokens);
  const operator = tokens[0];
  if (operator !== "==" && operator !== "!=") return left;
  tokens.shift();
  const right = followed(startOf(tokens), tokens);
  return (from) => (left(from) === right(from)) === (operator === "==");
}

function startOf(tokens: string[]): Read {
  const token = tokens.shift() ?? "";
  if (token.startsWith("'")) return () => token.slice(1, -1);
  if (token === "{") return objectOf(tokens);
  if (token === "[") {
    const items = separated(tokens, "]", () => expressionOf(tokens));
    return (from) => (from === null ? null : items.map((read) => read(from)));
  }
  if (!/^\w+$/.test(token)) throw new Error(`Not understood: ${token} ${tokens.join(" ")}`);
  return (from) => (isObject(from) ? (from[token] ?? null) : null);
}

function objectOf(tokens: string[]): Read {
  const members = separated(tokens, "}", () => {
    const [name = "", colon] = tokens.splice(0, 2);
    if (colon !== ":") throw new Error(`Not understood: ${name} ${colon}`);
    return [name, expressionOf(tokens)] as const;
  });
  return (from) =>
    from === null ? null : Object.fromEntries(members.map(([name, read]) => [name, read(from)]));
}

/** What follows a path. Behind a filter or `[]` all that follows is for each item, up to the next `[]`. */
function followed(first: Read, tokens: string[], inProjection = false): Read {
  let read = first;
  for (;;) {
    const before = read;
    const token = tokens[0];
    if (token === ".") {
      tokens.shift();
      const next = startOf(tokens);
      read = (from) => next(before(from));
    } else if (token === "[?") {
      tokens.shift();
      const condition = expressionOf(tokens);
      if (tokens.shift() !== "]") throw new Error("Not understood: a filter that does not end");
      const chosen: Read = (from) => listOf(before(from))?.filter((item) => condition(item) === true) ?? null;
      read = each(
        chosen,
        followed((item) => item, tokens, true),
      );
    } else if (token === "[]" && !inProjection) {
      tokens.shift();
      read = each(
        (from) => listOf(before(from))?.flat() ?? null,
        followed((item) => item, tokens, true),
      );
    } else return read;
  }
}

/** A projection: nulls are left out of it. */
function each(items: Read, next: Read): Read {
  return (from) =>
    listOf(items(from))
      ?.map(next)
      .filter((item) => item !== null) ?? null;
}

function separated<T>(tokens: string[], end: string, one: () => T): T[] {
  const found: T[] = [];
  do found.push(one());
  while (tokens[0] === "," && tokens.shift());
  if (tokens.shift() !== end) throw new Error(`Not understood: no ${end}`);
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] | null => (Array.isArray(value) ? value : null);
