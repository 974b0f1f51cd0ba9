import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createRegistrationTable } from "../../src/adapters/tables/registration-table.ts";
import { runHistory } from "../support/registration-history.ts";

// `npm run verify` goes through all of them.
const HISTORIES = process.env["LKPS_VERIFY"] === "1" ? 20_000 : 1_000;

beforeAll(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterAll(() => void vi.useRealTimers());

test(`the last acknowledged change wins in ${HISTORIES} histories of late, lost and repeated writes on two instances`, async () => {
  const broken: string[] = [];
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const violations = await runHistory(seed, createRegistrationTable);
    if (violations.length > 0) broken.push(`seed ${seed}: ${violations[0]}`);
  }
  expect({ broken: broken.length, some: broken.slice(0, 10) }).toEqual({ broken: 0, some: [] });
}, 600_000);
