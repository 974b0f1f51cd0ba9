import type { Clock } from "../../domain/ports.ts";
import type { VerifiedToken } from "../../domain/verified-token.ts";
import { lazy } from "../lib/lazy.ts";
import type { AccessTokenSettings } from "./access-token-verifier.ts";

/** Verifies access tokens; loads the verifier when the first token arrives. */
export interface LazyAccessTokenVerifier {
  /** See `AccessTokenVerifier.verify`. */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** Fetches the tenant's signing keys before the first token arrives. */
  prefetch(): Promise<void>;
  load(): Promise<unknown>;
}

/** Creates a {@link LazyAccessTokenVerifier}. */
export function createLazyAccessTokenVerifier(
  settings: AccessTokenSettings,
  clock: Clock,
): LazyAccessTokenVerifier {
  const load = lazy(async () =>
    (await import("./access-token-verifier.ts")).createAccessTokenVerifier(settings, clock),
  );
  return {
    load,
    verify: async (accessToken) => (await load()).verify(accessToken),
    prefetch: async () => (await load()).prefetch(),
  };
}
