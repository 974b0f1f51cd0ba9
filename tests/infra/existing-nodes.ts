import type { Template } from "./deployment.ts";

/** An `existing` resource that Azure reads because another one needs its properties, in a template or one of its modules. */
export interface ExistingNode {
  /** The names of the modules that it is in, and its own. */
  readonly path: string;
  readonly type: string;
  /** What has ended before Azure reads it: resources and modules of its own template, and of those that its module is in. */
  readonly waitsFor: readonly string[];
  /** What the same template creates of that type, at any depth, and would not have created yet. */
  readonly early: readonly string[];
}

type Nodes = Exclude<Template["resources"], readonly unknown[]>;

/** Every such node of a compiled template. One that nothing depends on is never read. */
export function existingNodes(root: Template): ExistingNode[] {
  const creators = createdBy(root, "");
  const found: ExistingNode[] = [];
  const visit = (template: Template, path: string, before: readonly string[]) => {
    const nodes = nodesOf(template);
    for (const [name, node] of Object.entries(nodes)) {
      const waitsFor = [...before, ...closure(nodes, name).map((each) => `${path}${each}`)].sort();
      const isRead = Object.values(nodes).some(({ dependsOn }) => dependsOn?.includes(name));
      const type = (node.type ?? "").split("@")[0] ?? "";
      if (node.existing === true && isRead) {
        const early = creators
          .filter((creator) => creator.type === type)
          .filter((creator) => !waitsFor.some((each) => `${creator.path}/`.startsWith(`${each}/`)))
          .map((creator) => creator.path);
        found.push({ path: `${path}${name}`, type, waitsFor, early });
      }
      const inner = node.properties?.template;
      if (inner !== undefined) visit(inner, `${path}${name}/`, waitsFor);
    }
  };
  visit(root, "", []);
  return found;
}

/** Everything that a node waits for in its own template, directly or not. */
function closure(nodes: Nodes, name: string): string[] {
  const reached = new Set<string>();
  const queue = [...(nodes[name]?.dependsOn ?? [])];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    queue.push(...(nodes[next]?.dependsOn ?? []));
  }
  return [...reached];
}

function createdBy(template: Template, path: string): { path: string; type: string }[] {
  return Object.entries(nodesOf(template)).flatMap(([name, { existing, type = "", properties }]) => {
    if (existing === true) return [];
    if (properties?.template !== undefined) return createdBy(properties.template, `${path}${name}/`);
    return [{ path: `${path}${name}`, type: type.split("@")[0] ?? "" }];
  });
}

/** A template without user-defined types is compiled to a list, in which nothing is `existing`. */
function nodesOf({ resources }: Template): Nodes {
  return resources as Nodes;
}
