import assert from "node:assert/strict";

/** The checks in the order in which they were written. A check that throws has failed; the ones after it go on. */
export class Suite {
  #checks = [];
  #group = "";

  /** Checks that belong together; their names begin with the group's. */
  group(name, define) {
    this.#group = name;
    define((title, run) => this.#checks.push({ name: `${name}: ${title}`, run }));
  }

  get names() {
    return this.#checks.map((check) => check.name);
  }

  /** Runs every check whose name contains the text; gives one result each: name, passed, milliseconds and what was wrong. */
  async run(world, only, report) {
    const results = [];
    for (const { name, run } of this.#checks.filter((check) => check.name.includes(only))) {
      const begun = performance.now();
      let error = null;
      try {
        await limited(run(world), 120_000);
      } catch (failure) {
        error = describe(failure);
      }

      const result = { name, passed: error === null, milliseconds: Math.round(performance.now() - begun), error };
      results.push(result);
      report(result);
    }

    return results;
  }
}

async function limited(work, milliseconds) {
  let timer;
  try {
    return await Promise.race([work, new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`Not within ${milliseconds / 1000} s.`)), milliseconds)))]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(failure) {
  const code = failure?.code ? `[${failure.code}] ` : "";
  const at = (failure?.stack ?? "").split("\n").find((line) => line.includes("/checks/"))?.trim() ?? "";
  return `${failure?.name ?? "Error"} ${code}${String(failure?.message ?? failure).split("\n").slice(0, 12).join(" | ")} ${at}`;
}

/** What the work is refused with: Microsoft's RestError with this status and this code. */
export async function refused(work, status, code) {
  let failure;
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    failure = error;
  }

  assert.ok(failure, `expected a refusal ${status} ${code}`);
  assert.equal(failure.name, "RestError", `${failure.name}: ${failure.message}`);
  assert.deepEqual({ status: failure.statusCode, code: failure.code }, { status, code }, failure.message);
  return failure;
}

/** All items of a paged list. */
export async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

/** An onResponse option that keeps the last raw response. */
export function watched() {
  const seen = { options: undefined, raw: undefined, count: 0, first: undefined };
  seen.options = {
    onResponse: (raw) => {
      seen.raw = raw;
      seen.first ??= raw;
      seen.count++;
    },
  };
  return seen;
}
