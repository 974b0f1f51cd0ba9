import type { Metafile } from "esbuild";
import { BUNDLE } from "../build/bundle.ts";

/** The bundle's bytes by package. LKPS's own code is `lkps`. */
export interface PackageBytes {
  /** In the files that are loaded at startup. */
  readonly initial: Readonly<Record<string, number>>;
  /** In the files that are loaded on demand. */
  readonly lazy: Readonly<Record<string, number>>;
}

/** Counts the bytes of each package, largest first. */
export function bytesByPackage({ outputs }: Metafile): PackageBytes {
  const bytes = { initial: new Map<string, number>(), lazy: new Map<string, number>() };
  const initial = importedFrom(`dist/${BUNDLE}`, outputs);
  for (const [file, { inputs }] of Object.entries(outputs)) {
    const part = initial.has(file) ? bytes.initial : bytes.lazy;
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(input);
      part.set(name, (part.get(name) ?? 0) + bytesInOutput);
    }
  }
  return { initial: largestFirst(bytes.initial), lazy: largestFirst(bytes.lazy) };
}

/** A file and its static imports, without dynamic ones. */
function importedFrom(file: string, outputs: Metafile["outputs"], found = new Set<string>()): Set<string> {
  found.add(file);
  for (const { path, kind, external } of outputs[file]?.imports ?? []) {
    if (kind === "import-statement" && !external && !found.has(path)) importedFrom(path, outputs, found);
  }
  return found;
}

function packageOf(input: string): string {
  // The last match: packages can be nested.
  return /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "lkps";
}

function largestFirst(bytes: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...bytes].filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a));
}
