import type { AccessToken } from "@azure/identity";
import type { Clock } from "../../domain/ports.ts";
import { lazy } from "../lib/lazy.ts";
import type { ManagedIdentityTokenSettings } from "./managed-identity-token.ts";

/** The app's managed identity for one resource; loads the SDK when the first token is needed. */
export interface LazyManagedIdentity {
  /**
   * Returns a valid token.
   *
   * @param signal - the caller's deadline
   * @throws DependencyError `directory_access_denied` or `directory_unavailable`
   */
  getToken(signal?: AbortSignal): Promise<AccessToken>;
  /** Requests a token before it is needed. */
  prefetch(): Promise<void>;
  load(): Promise<unknown>;
}

/** Creates a {@link LazyManagedIdentity} that uses the platform's identity endpoint. */
export function createLazyManagedIdentity(
  settings: ManagedIdentityTokenSettings,
  clock: Clock,
): LazyManagedIdentity {
  const load = lazy(async () =>
    (await import("./managed-identity-token.ts")).createManagedIdentityToken(settings, clock),
  );
  return {
    load,
    getToken: async (signal) => (await load()).get(signal),
    prefetch: async () => (await load()).prefetch(),
  };
}
