import type { ClientId } from "../../src/domain/client-id.ts";

/**
 * Makes `times` decisions, cycling through the clients. Returns the last one, so that V8 can't skip the work.
 *
 * @param clients - a power of two
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
