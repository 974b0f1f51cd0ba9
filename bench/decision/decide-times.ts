import type { ClientId } from "../../src/domain/client-id.ts";

/**
 * Decides so many times, going round the clients. The last answer comes back, so that none can be left unmade.
 *
 * @param clients - a power of two of them
 */
export function decideTimes(
  decide: (client: ClientId) => unknown,
  clients: readonly ClientId[],
  times: number,
): unknown {
  const mask = clients.length - 1;
  let last: unknown;
  for (let at = 0; at < times; at++) last = decide(clients[at & mask] as ClientId);
  return last;
}
