import { cpus } from "node:os";
import { plotName, type Result, tableOf } from "./report.ts";

/**
 * Markdown: the page of a kind of link, with a section for each scenario and the plots beside it. `earlier` is the page as it was,
 * or nothing: only the section of this scenario is new. `pictureBytes`: of each of the camera's.
 */
export function pageWith(result: Result, earlier: string, pictureBytes: number): string {
  const sections = new Map(sectionsOf(earlier));
  sections.set(result.scenario.name, sectionOf(result));
  const head = [
    `# Lab results, link: ${result.link}`,
    "",
    `Written by the lab: 1280x720, ${(pictureBytes / 1000).toFixed(0)} kB JPEGs at 30/s. [The method](../README.md#the-lab).`,
  ];
  return [head.join("\n"), ...sections.values()].map((part) => `${part.trimEnd()}\n`).join("\n");
}

// How long, and on which machine, is said in each: they may be of different days.
function sectionOf(result: Result): string {
  const { scenario, seconds } = result;
  return [
    `## ${scenario.name}: ${scenario.title}`,
    "",
    `${seconds} s; ${cpus().length} cores, Node ${process.versions.node}.`,
    "",
    `![Age over time, ${scenario.title}](${plotName(result)})`,
    "",
    tableOf(result),
  ].join("\n");
}

function sectionsOf(page: string): readonly (readonly [string, string])[] {
  const sections = page.split(/^(?=## )/m).slice(1);
  return sections.map((section) => [/^## ([^:\n]*)/.exec(section)?.[1] ?? "", section]);
}
