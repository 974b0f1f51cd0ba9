import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { distDirectory } from "../../tools/repository-paths.ts";
import { type Service, startService } from "../support/service.ts";

// The built app with a defect planted at its end: a promise that nobody awaits, rejected again and again.
const DEFECT = `;setInterval(() => void Promise.reject(new Error("planted defect")), 20);\n`;

let folder: string;
let service: Service;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-defect-"));
  await cp(distDirectory, folder, { recursive: true });
  const bundle = await readFile(join(folder, "main.mjs"), "utf8");
  await writeFile(join(folder, "main.mjs"), bundle.replace(/\n?\/\/# sourceMappingURL=.*/, "") + DEFECT);
  service = await startService({ applications: [], appDirectory: folder });
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

test("an unhandled rejection is logged as a failure, and no request fails", async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => {
      const caller = `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`;
      return service.call("POST", "/api/agent/register", { caller });
    }),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
  await expect
    .poll(() => service.lines.filter((line) => line.includes('"failure"')).length)
    .toBeGreaterThan(2);
  const failure = JSON.parse(service.lines.find((line) => line.includes('"failure"')) ?? "null");
  expect(failure).toEqual({
    event: "failure",
    decision_id: null,
    code: "internal_error",
    causes: [expect.stringMatching(/^Error: planted defect \(src\/main\.ts:\d+\)$/)],
  });
  expect((await service.call("GET", "/api/health")).status).toBe(200);
});
