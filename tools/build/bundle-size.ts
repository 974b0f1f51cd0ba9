import type { Metafile } from "esbuild";
import { BUNDLE } from "./bundle.ts";
import budget from "./size-budget.json" with { type: "json" };

type Bytes = Readonly<Record<string, number>>;

/** The bundle's bytes by package, largest first: loaded at startup, and on demand. LKPS's own code is `lkps`. */
export interface BundleSize {
  readonly initial: Bytes;
  readonly lazy: Bytes;
}

/** The growth that needs no approval, as a fraction. */
const ALLOWED = 0.05;
// For a small package, one line can be 5%.
const MIN_GROWTH_BYTES = 2_048;

/** Counts the bytes of each package. */
export function bundleSize({ outputs }: Metafile): BundleSize {
  const bytes = { initial: new Map<string, number>(), lazy: new Map<string, number>() };
  const initial = importedFrom(`dist/${BUNDLE}`, outputs);
  for (const [file, { inputs }] of Object.entries(outputs)) {
    const part = initial.has(file) ? bytes.initial : bytes.lazy;
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      // The last match: packages can be nested.
      const name = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "lkps";
      part.set(name, (part.get(name) ?? 0) + bytesInOutput);
    }
  }
  const largestFirst = (part: ReadonlyMap<string, number>) =>
    Object.fromEntries([...part].filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a));
  return { initial: largestFirst(bytes.initial), lazy: largestFirst(bytes.lazy) };
}

/** Lists what exceeds the accepted bytes, one line each: a part of the bundle as a whole, or a package in it. */
export function growth(size: BundleSize): string[] {
  return (["initial", "lazy"] as const).flatMap((part) => {
    const accepted: Bytes = { ...budget[part], total: sum(budget[part]) };
    return Object.entries({ ...size[part], total: sum(size[part]) }).flatMap(([name, now]) => {
      const before = accepted[name] ?? 0;
      const isLarger = now > before * (1 + ALLOWED) && now - before > MIN_GROWTH_BYTES;
      return isLarger ? [`${name} (${part}): ${now} bytes, accepted ${before}`] : [];
    });
  });
}

/** The total of all packages. */
export function sum(bytes: Bytes): number {
  return Object.values(bytes).reduce((total, each) => total + each, 0);
}

/** A file and its static imports, without dynamic ones. */
function importedFrom(file: string, outputs: Metafile["outputs"], found = new Set<string>()): Set<string> {
  found.add(file);
  for (const { path, kind, external } of outputs[file]?.imports ?? []) {
    if (kind === "import-statement" && !external && !found.has(path)) importedFrom(path, outputs, found);
  }
  return found;
}
