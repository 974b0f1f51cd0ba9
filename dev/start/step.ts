/** Shows a step while it runs, and its duration. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  process.stdout.write(`${name} … `);
  const started = performance.now();
  try {
    const result = await work();
    console.log(`${Math.round(performance.now() - started)} ms`);
    return result;
  } catch (error) {
    console.log("failed");
    throw error;
  }
}
