import { randomBytes, randomUUID } from "node:crypto";
import { type App, runHooks } from "./core-module.ts";
import type { CoreInvocationContext, RegisteredFunction, RpcTypedData } from "./core-types.ts";
import { log } from "./log.ts";

/**
 * Runs one invocation in the real worker's order: arguments, hooks, handler, hooks, response. Source:
 * InvocationHandler.ts of azure-functions-nodejs-worker.
 *
 * @returns the function's return value; undefined if there is none
 * @throws whatever the handler throws
 */
export async function invoke(
  app: App,
  { metadata, callback }: RegisteredFunction,
  input: { name: string; data: RpcTypedData },
): Promise<RpcTypedData | undefined> {
  if (app.programmingModel === undefined) throw new Error("The app did not set a programming model.");
  const core = coreContext(metadata, input);
  const model = await app.programmingModel.getInvocationModel(core);
  const { context: invocationContext, inputs } = await model.getArguments();
  const shared = { hookData: {}, appHookData: app.hookData, invocationContext };

  const before = { ...shared, inputs, functionCallback: callback };
  core.state = "preInvocationHooks";
  await runHooks(app, "preInvocation", before);

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  core.state = "invocation";
  try {
    after.result = await model.invokeFunction(invocationContext, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = "postInvocationHooks";
  await runHooks(app, "postInvocation", after);
  core.state = undefined;
  if (after.error !== null && after.error !== undefined) throw after.error;
  const response = await model.getResponse(invocationContext, after.result);
  return response.returnValue ?? undefined;
}

function coreContext(
  metadata: RegisteredFunction["metadata"],
  input: { name: string; data: RpcTypedData },
): CoreInvocationContext {
  const invocationId = randomUUID();
  const traceParent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
  return {
    invocationId,
    metadata,
    state: undefined,
    log,
    request: {
      invocationId,
      functionId: metadata.functionId ?? metadata.name,
      inputData: [input],
      triggerMetadata: {},
      traceContext: { traceParent, traceState: "", attributes: {} },
    },
  };
}
