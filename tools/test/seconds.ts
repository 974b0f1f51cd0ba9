/** Formats the time since `startedAt`, such as `1.2 s`. */
export function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}
