import { parseArgs } from "node:util";

/** The options of `npm run bench`. */
export interface BenchOptions {
  /** The benches to run. */
  readonly names: readonly string[];
  readonly short: boolean;
  readonly built: boolean;
  readonly json: string;
}

/** The help text. */
export const usage = (
  names: readonly string[],
) => `npm run bench [-- NAME …] [--short] [--built] [--json FILE]

Benches: ${names.join(", ")}. Without a name, all of them run.
  --short       few rounds, only to check that the benches work
  --built       measure dist/ as it is, without building it
  --json FILE   where to write all figures (default: .local/bench.json)`;

/**
 * Parses the arguments; `null` for `--help`.
 *
 * @throws with a message for the user
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
