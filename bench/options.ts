import { parseArgs } from "node:util";

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  /** The benches to run; none named is all. */
  readonly names: readonly string[];
  readonly short: boolean;
  readonly built: boolean;
  readonly json: string;
}

/** What can be asked for. */
export const usage = (
  names: readonly string[],
) => `npm run bench [-- NAME …] [--short] [--built] [--json FILE]

The benches: ${names.join(", ")}; all of them if none is named.
  --short       few runs, to check that the benches work; the figures mean nothing
  --built       measure dist/ as it is, without building it
  --json FILE   where to write the full results (default: .local/bench.json)`;

/**
 * Reads the arguments; `null` where help is asked for.
 *
 * @throws with a sentence for whoever typed them
 */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      built: { type: "boolean", default: false },
      json: { type: "string", default: ".local/bench.json" },
    },
    allowPositionals: true,
  });
  if (values.help) return null;
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(", ")}.`);
  return { names: positionals.length > 0 ? positionals : known, ...values };
}
