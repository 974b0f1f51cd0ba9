import { setTimeout as sleep } from "node:timers/promises";
import { isPortFree } from "../listen.ts";

/** How long a crashed run may take to release its ports. */
const PATIENCE_MS = 3_000;

/** A port that must be free. */
export interface WantedPort {
  port: number;
  /** What uses the port. */
  name: string;
}

/**
 * Checks that all ports are free before anything starts.
 *
 * @param adviceFor - what to do about the taken ones
 * @param patienceMs - how long to wait for them, in milliseconds
 * @throws with a message that names every taken port and what to do
 */
export async function requireFreePorts<Port extends WantedPort>(
  ports: readonly Port[],
  adviceFor: (taken: readonly Port[]) => string,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(200)) {
    const taken: Port[] = [];
    for (const wanted of ports) if (!(await isPortFree(wanted.port))) taken.push(wanted);
    if (taken.length === 0) return;
    if (Date.now() < deadline) continue;
    const names = taken.map(({ port, name }) => `${port} (${name})`).join(", ");
    const what = taken.length === 1 ? `Port ${names} is` : `Ports ${names} are`;
    throw new Error(`${what} taken by another process. ${adviceFor(taken)}`);
  }
}
