/** What is not done by then was worth a word. */
const QUIET_MS = 2_000;

/**
 * Says on stderr what a wait is for, and how long it took: at once on a terminal, elsewhere only where it is a long one.
 * Standard output stays for the answer.
 */
export async function waiting<T>(what: string, work: () => Promise<T>): Promise<T> {
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
