import type { PackageBytes } from "./bytes-by-package.ts";

/** The growth that needs no approval, as a fraction. */
const ALLOWED = 0.05;
// For a small package, one line can be 5%.
const MIN_GROWTH_BYTES = 2_048;

/**
 * Lists what exceeds its budget, one line each: a part of the bundle as a whole, or a package in it.
 *
 * @param budget - the accepted bytes
 */
export function growth(bytes: PackageBytes, budget: PackageBytes): string[] {
  const parts = ["initial", "lazy"] as const;
  return parts.flatMap((part) => {
    const all = { ...bytes[part], total: sum(bytes[part]) };
    const allowed: Record<string, number> = { ...budget[part], total: sum(budget[part]) };
    return Object.entries(all).flatMap(([name, now]) => {
      const before = allowed[name] ?? 0;
      const isLarger = now > before * (1 + ALLOWED) && now - before > MIN_GROWTH_BYTES;
      return isLarger ? [`${name} (${part}): ${now} bytes, accepted ${before}`] : [];
    });
  });
}

/** The total of all packages. */
export function sum(bytes: Readonly<Record<string, number>>): number {
  return Object.values(bytes).reduce((total, each) => total + each, 0);
}
