import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Azurite, connectionStringOf, startAzurite } from "../../dev/azurite.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

/** The tables of a test file. */
export interface AzuriteTables {
  /** A connection to the tables that can be made to fail. */
  readonly proxy: FaultProxy;
  readonly direct: { readonly connectionString: string };
  readonly throughProxy: { readonly connectionString: string };
  /** The name of a table that nobody has created yet. */
  newName(): string;
}

/** Starts a separate Azurite before the file's tests, and stops it after them. */
export function azuriteTables(): AzuriteTables {
  let folder: string;
  let azurite: Azurite;
  let proxy: FaultProxy;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lkps-tables-"));
    azurite = await startAzurite({ location: folder, port: 0 });
    proxy = await startFaultProxy();
    proxy.forwardTo(azurite.port);
  });
  afterAll(async () => {
    await proxy?.close();
    await azurite?.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get proxy() {
      return proxy;
    },
    get direct() {
      return { connectionString: azurite.connectionString };
    },
    get throughProxy() {
      return { connectionString: connectionStringOf(proxy.port) };
    },
    newName: () => `table${++count}`,
  };
}
