import type * as z from "zod/mini";
import { type Evaluation, evaluateAccess } from "../application/evaluate-access.ts";
import type { JudgePorts } from "../application/judge.ts";
import { evaluationAnswer, singleAnswer } from "./access-evaluation.ts";
import type { IdentifyCaller } from "./caller.ts";
import { evaluationBody, evaluationsBody } from "./evaluation-body.ts";
import type { HttpTrigger } from "./http-trigger.ts";
import { invalidRequest, readJsonBody } from "./json-body.ts";
import { outcomeOf, Problem } from "./problem.ts";

type Batch = z.output<typeof evaluationsBody>;

// As many as are decided at the same time where all of them are wanted.
const AT_ONCE = 10;

/** `POST /api/access/v1/evaluations`: up to 100 decisions at once, by AuthZEN. */
export function accessEvaluations(
  ports: JudgePorts & { readonly identifyCaller: IdentifyCaller },
): HttpTrigger {
  return {
    name: "accessEvaluations",
    methods: ["POST"],
    route: "api/access/v1/evaluations",
    reachedBy: "callers",
    event: "evaluation",
    handle: async (visit) => {
      const { request, arrivedAt, record, records } = visit;
      const caller = await ports.identifyCaller(request);
      if (caller instanceof Problem) return caller;
      const body = await readJsonBody(request, evaluationsBody);
      if (body instanceof Problem) return body;

      const asked = body.evaluations ?? [];
      const questions: Evaluation[] = [];
      for (const own of asked.length === 0 ? [{}] : asked) {
        const question = evaluationBody.safeParse(withDefaults(own, body));
        if (!question.success) {
          return invalidRequest(question.error.issues[0]?.message ?? "An evaluation is not valid.");
        }
        questions.push(question.data);
      }
      const [first] = questions;
      if (asked.length === 0 && first !== undefined) {
        return singleAnswer(
          await evaluateAccess(ports, caller, first, arrivedAt, record),
          record.decision_id,
        );
      }

      // From here on each evaluation has a record of its own.
      records.length = 0;
      const evaluate = async (question: Evaluation) => {
        const own = visit.openRecord();
        const startedAt = ports.chance.elapsed();
        records.push(own);
        try {
          const result = await evaluateAccess(ports, caller, question, arrivedAt, own);
          return evaluationAnswer(result, own.decision_id);
        } catch (error) {
          const problem = visit.reportFailure(error, own);
          own.code = problem.code;
          own.outcome = outcomeOf(problem);
          return evaluationAnswer({ decision: false, code: problem.code, check: null }, own.decision_id);
        } finally {
          own.duration_ms = ports.chance.elapsed() - startedAt;
        }
      };
      const semantic = body.options?.evaluations_semantic ?? "execute_all";
      const last = { execute_all: undefined, deny_on_first_deny: false, permit_on_first_permit: true }[
        semantic
      ];
      const atOnce = last === undefined ? AT_ONCE : 1;
      const evaluations = [];
      for (let n = 0; n < questions.length; n += atOnce) {
        evaluations.push(...(await Promise.all(questions.slice(n, n + atOnce).map(evaluate))));
        if (evaluations.at(-1)?.decision === last) break;
      }
      return { jsonBody: { evaluations } };
    },
  };
}

/** An evaluation's own entities stand for the defaults' whole, but for the members that name the thing. */
function withDefaults(own: NonNullable<Batch["evaluations"]>[number], defaults: Batch) {
  const { subject, action, resource } = own;
  const { subject: anySubject, action: anyAction, resource: anyResource } = defaults;
  return {
    subject: subject ? { type: anySubject?.type, id: anySubject?.id, ...subject } : anySubject,
    action: action ? { name: anyAction?.name, ...action } : anyAction,
    resource: resource ? { type: anyResource?.type, id: anyResource?.id, ...resource } : anyResource,
  };
}
