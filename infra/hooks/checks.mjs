/** @typedef {import("./requests.mjs").Answer} Answer */
/**
 * A check: it passes if the answer has the expected status and, if given, code. A patient one is repeated while it fails.
 * @typedef {{ name: string, expected: string, skip?: string, check: () => Promise<Answer>, patient?: boolean }} Check
 */

/** Nothing heals a missing grant within minutes: the app has cached a token without the permission for about a day. */
const hopelessAfterMs = 60_000;
const pauseMs = 3_000;

/**
 * Runs checks in order and prints their results.
 * @param {readonly Check[]} checks
 * @param {{ patienceMs: number, waiting?: (name: string) => void, hint?: (answer: Answer) => string }} options
 * @returns {Promise<boolean>} whether all passed
 */
export async function runChecks(checks, { patienceMs, waiting, hint = () => "" }) {
  const started = Date.now();
  let failed = 0;
  for (const { name, expected, skip, check, patient } of checks) {
    if (skip !== undefined) {
      console.log(`– ${name}: not run (${skip})`);
      continue;
    }
    let answer = await check();
    let hopelessSince = 0;
    while (patient && !fits(answer, expected) && Date.now() - started < patienceMs) {
      if (!isAccessDenied(answer)) hopelessSince = 0;
      else if (hopelessSince === 0) hopelessSince = Date.now();
      else if (Date.now() - hopelessSince >= hopelessAfterMs) break;
      waiting?.(name);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      answer = await check();
    }
    const passed = fits(answer, expected);
    if (!passed) failed++;
    const got = `${answer.status || "no answer"} ${answer.code ?? ""}`.trim();
    console.log(passed ? `✓ ${name}: ${got}` : `✗ ${name}: ${got}, expected ${expected}${hint(answer)}`);
  }
  const run = checks.filter(({ skip }) => skip === undefined).length;
  console.log(
    failed === 0
      ? `Smoke test passed: ${run} checks.`
      : `Smoke test FAILED: ${failed} of ${run} checks. To run it again: azd hooks run postdeploy`,
  );
  return failed === 0;
}

/** @param {Answer} answer whether Entra ID refuses LKPS itself */
export function isAccessDenied({ body }) {
  return body?.dependencies?.graph?.code === "directory_access_denied";
}

/**
 * @param {Answer} answer
 * @param {string} expected
 */
function fits({ status, code }, expected) {
  const [expectedStatus, expectedCode] = expected.split(" ");
  return String(status) === expectedStatus && (expectedCode === undefined || code === expectedCode);
}
