import type { PackageBytes } from "./bytes-by-package.ts";

/** How much a package, or a part, may grow before somebody has to say that it may. */
const ALLOWED = 0.05;
// A package of some hundred bytes grows by a twentieth with one line.
const MIN_GROWTH_BYTES = 2_048;

/**
 * What has grown beyond its budget, one sentence each: either part of the bundle as a whole, or a package in it.
 *
 * @param budget - the bytes that were accepted last
 */
export function growth(bytes: PackageBytes, budget: PackageBytes): string[] {
  const parts = ["initial", "lazy"] as const;
  return parts.flatMap((part) => {
    const all = { ...bytes[part], "all together": sum(bytes[part]) };
    const allowed: Record<string, number> = { ...budget[part], "all together": sum(budget[part]) };
    return Object.entries(all).flatMap(([name, now]) => {
      const before = allowed[name] ?? 0;
      const isLarger = now > before * (1 + ALLOWED) && now - before > MIN_GROWTH_BYTES;
      return isLarger ? [`${name}, ${part}: ${now} bytes where ${before} were accepted`] : [];
    });
  });
}

/** Of all packages together. */
export function sum(bytes: Readonly<Record<string, number>>): number {
  return Object.values(bytes).reduce((total, each) => total + each, 0);
}
