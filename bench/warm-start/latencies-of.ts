/** Does `work` `count` times, `atOnce` at a time. Returns the milliseconds of each. */
export async function latenciesOf(
  work: () => Promise<void>,
  count: number,
  atOnce: number,
): Promise<number[]> {
  const latencies: number[] = [];
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      const startedAt = performance.now();
      await work();
      latencies.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return latencies;
}
