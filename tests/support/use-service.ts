import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Service, startService } from "./service.ts";

/** The service of the tests of this suite, from their start to their end. */
export function useService(options?: Parameters<typeof startService>[0]): Service {
  const service = {} as Service;
  beforeAll(async () => void Object.assign(service, await startService(options)));
  afterAll(() => service.close?.());
  return service;
}

/** A folder for the tests of this suite, gone after them. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lkps-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
