/** Where stderr is not a terminal, only waits that are longer than this are reported. */
const QUIET_MS = 2_000;

/**
 * Reports on stderr what the command waits for, and how long it took. Standard output is kept for the result.
 *
 * @param what - such as "Reading the agent"
 */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const { stderr } = process;
  const startedAt = performance.now();
  const isTerminal = stderr.isTTY === true;
  if (isTerminal) stderr.write(`${what} … `);
  try {
    return await work();
  } finally {
    const ms = Math.round(performance.now() - startedAt);
    if (isTerminal) stderr.write(`${ms} ms\n`);
    else if (ms > QUIET_MS) stderr.write(`${what} … ${ms} ms\n`);
  }
}
