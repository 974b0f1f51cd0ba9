import type { AccessToken } from "@azure/identity";
import { lazy } from "../lib/lazy.ts";
import type { ManagedIdentityTokenSettings } from "./managed-identity-token.ts";

/** The app's managed identity, for one resource. Its SDK is loaded when a token is first asked for. */
export interface LazyManagedIdentity {
  /** Throws `DependencyError` `directory_access_denied` or `directory_unavailable`. */
  getToken(): Promise<AccessToken>;
  /** Asks for a token before anybody needs it. */
  prefetch(): Promise<void>;
  load(): Promise<unknown>;
}

/** {@link LazyManagedIdentity} of the platform's identity endpoint. */
export function createLazyManagedIdentity(settings: ManagedIdentityTokenSettings): LazyManagedIdentity {
  const load = lazy(async () =>
    (await import("./managed-identity-token.ts")).createManagedIdentityToken(settings),
  );
  return {
    load,
    getToken: async () => (await load()).get(),
    prefetch: async () => (await load()).prefetch(),
  };
}
