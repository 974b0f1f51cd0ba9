import { lazy } from "../lib/lazy.ts";
import type { StoreSettings, Stores } from "./open-stores.ts";

/** The stores in Table Storage; loads the SDK for the first operation. */
export interface LazyStores extends Stores {
  load(): Promise<unknown>;
}

/** Creates {@link LazyStores} with two tables of one storage account. */
export function createLazyStores(settings: StoreSettings): LazyStores {
  const load = lazy(async () => (await import("./open-stores.ts")).openStores(settings));
  const registrations = async () => (await load()).registrations;
  const sessions = async () => (await load()).sessions;
  return {
    load,
    storageTime: async () => (await load()).storageTime(),
    registrations: {
      find: async (agent, limitMs) => (await registrations()).find(agent, limitMs),
      put: async (agent, serviceConfig, now) => (await registrations()).put(agent, serviceConfig, now),
      list: async (after, limit) => (await registrations()).list(after, limit),
      remove: async (agent, now) => (await registrations()).remove(agent, now),
      removeTombstonesBefore: async (before, shouldContinue) =>
        (await registrations()).removeTombstonesBefore(before, shouldContinue),
    },
    sessions: {
      add: async (record) => (await sessions()).add(record),
      find: async (agent, sessionId) => (await sessions()).find(agent, sessionId),
      list: async (agent, after, limit) => (await sessions()).list(agent, after, limit),
      activitySince: async (agent, since, limit) => (await sessions()).activitySince(agent, since, limit),
      removeStartedBefore: async (before, shouldContinue) =>
        (await sessions()).removeStartedBefore(before, shouldContinue),
    },
  };
}
