import type { VerifiedToken } from "../../domain/verified-token.ts";
import { lazy } from "../lib/lazy.ts";
import type { AccessTokenSettings } from "./access-token-verifier.ts";

/** The tenant's access tokens. What checks them is loaded when the first one comes. */
export interface LazyAccessTokenVerifier {
  /** As `AccessTokenVerifier` does. */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** Fetches the tenant's keys before the first token comes. */
  prefetch(): Promise<void>;
  load(): Promise<unknown>;
}

/** {@link LazyAccessTokenVerifier} by these settings. */
export function createLazyAccessTokenVerifier(settings: AccessTokenSettings): LazyAccessTokenVerifier {
  const load = lazy(async () =>
    (await import("./access-token-verifier.ts")).createAccessTokenVerifier(settings),
  );
  return {
    load,
    verify: async (accessToken) => (await load()).verify(accessToken),
    prefetch: async () => (await load()).prefetch(),
  };
}
