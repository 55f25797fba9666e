import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { type EvaluationReport, EvaluationReportSchema } from './evaluation-report.ts';
import { evaluationMarkdown } from './markdown.ts';
import { evaluationPage } from './page.ts';
import { junitXml, trialsCsv } from './table-files.ts';

/** Paths of what was written. */
export interface ReportFiles {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly csv: string;
  readonly junit: string;
}

/** Writes `index.html`, `report.md`, `report.json`, `report.csv` and `report.xml` into a folder, which is created. */
export async function writeReport(report: EvaluationReport, directory: string): Promise<ReportFiles> {
  const json = `${JSON.stringify(report, null, 2)}\n`;
  requireForm(json);
  const files = {
    html: join(directory, 'index.html'),
    markdown: join(directory, 'report.md'),
    json: join(directory, 'report.json'),
    csv: join(directory, 'report.csv'),
    junit: join(directory, 'report.xml'),
  };
  await mkdir(directory, { recursive: true });
  await Promise.all([
    writeFile(files.html, evaluationPage(report)),
    writeFile(files.markdown, evaluationMarkdown(report)),
    writeFile(files.json, json),
    writeFile(files.csv, trialsCsv(report.arena)),
    writeFile(files.junit, junitXml(report.arena)),
  ]);
  return files;
}

function requireForm(json: string): void {
  const checked = EvaluationReportSchema.safeParse(JSON.parse(json));
  if (checked.success) return;
  const [issue] = checked.error.issues;
  throw new Tier0Error({
    code: 'INTERNAL',
    message: `The report does not have its own form: ${issue?.path.join('.')}: ${issue?.message}.`,
    hint: 'This is a defect of @tier0/eval: report it with the log of the run.',
  });
}
