import type { ParticipantTokenIssuer } from "../../domain/ports.ts";
import { lazy } from "../lib/lazy.ts";
import type { LiveKitSettings } from "./participant-token-issuer.ts";

/** Creates a participant token issuer that loads LiveKit's SDK for the first token. */
export function createLazyParticipantTokenIssuer(
  settings: LiveKitSettings,
): ParticipantTokenIssuer & { load(): Promise<unknown> } {
  const load = lazy(async () =>
    (await import("./participant-token-issuer.ts")).createParticipantTokenIssuer(settings),
  );
  return { load, issue: async (permit, plan) => (await load()).issue(permit, plan) };
}
