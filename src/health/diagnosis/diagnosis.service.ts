import { Injectable } from '@nestjs/common';
import { AppError, LATE, withTimeout } from '../../common/index.js';
import { Log } from '../../platform/logging/index.js';
import { CHECKS, type Cause, type CheckName, type Sight } from './checks.js';
import { DatabaseChecks } from './database-checks.js';
import { EdgeChecks, type RequestWay } from './edge-checks.js';
import { PeerChecks } from './peer-checks.js';
import { checksFor, SYMPTOM_NAMES, SYMPTOMS, symptomsMeant, type SymptomName } from './symptoms.js';
import { WorkChecks } from './work-checks.js';

/** `unknown`: it could not be looked up. */
export type FindingStatus = 'ok' | 'warn' | 'fail' | 'unknown';

/** What one check has found. */
export interface Finding {
  check: CheckName;
  status: FindingStatus;
  /** What it saw, with figures. */
  found: string;
  /** Name of the cause; with it, what is wrong, and what to do. */
  code?: string;
  cause?: string;
  cure?: string;
}

/** What was found. */
export interface Diagnosis {
  /** Empty: everything was looked at. */
  symptoms: { name: SymptomName; title: string }[];
  /** Of the gravest finding. */
  status: FindingStatus;
  /** The gravest first. */
  findings: Finding[];
}

/** Longest wait for one check. */
const CHECK_MS = 4000;
const GRAVITY: Record<FindingStatus, number> = { fail: 0, unknown: 1, warn: 2, ok: 3 };

/** Looks for the causes of symptoms. */
@Injectable()
export class DiagnosisService {
  private readonly log = new Log(DiagnosisService.name);
  private readonly underWay = new Map<CheckName, Promise<Finding>>();

  constructor(
    private readonly databaseChecks: DatabaseChecks,
    private readonly work: WorkChecks,
    private readonly peers: PeerChecks,
    private readonly edge: EdgeChecks,
  ) {}

  /**
   * Makes the checks for a symptom; without one, every check.
   * @throws AppError 400 `unknown_symptom`.
   */
  async diagnose(asked: string | undefined, way: RequestWay): Promise<Diagnosis> {
    const names = asked === undefined ? [] : symptomsMeant(asked);
    if (asked !== undefined && names.length === 0)
      throw new AppError('unknown_symptom', { names: SYMPTOM_NAMES });
    const findings = await Promise.all(checksFor(names).map((check) => this.find(check, way)));
    findings.sort((a, b) => GRAVITY[a.status] - GRAVITY[b.status]);
    return {
      symptoms: names.map((name) => ({ name, title: SYMPTOMS[name].title })),
      status: findings[0]?.status ?? 'ok',
      findings,
    };
  }

  /** Those who ask at the same time share a check. */
  private find(check: CheckName, way: RequestWay): Promise<Finding> {
    if (check === 'proxy') return this.look(check, way);
    const known = this.underWay.get(check);
    if (known) return known;
    const looking = this.look(check, way).finally(() => this.underWay.delete(check));
    this.underWay.set(check, looking);
    return looking;
  }

  private async look(check: CheckName, way: RequestWay): Promise<Finding> {
    try {
      const seen = await withTimeout(this.see(check, way), CHECK_MS);
      if (seen === LATE) return { check, status: 'unknown', found: 'It could not be looked up within 4 s.' };
      return toFinding(check, seen);
    } catch (error) {
      this.log.warn('a check of a diagnosis failed', { check, err: error });
      return { check, status: 'unknown', found: 'It could not be looked up; the log says why.' };
    }
  }

  private see(check: CheckName, way: RequestWay): Promise<Sight> {
    switch (check) {
      case 'database':
      case 'write':
      case 'commits':
      case 'disk':
      case 'retention':
        return this.databaseChecks[check]();
      case 'process':
      case 'queue':
      case 'lost_runs':
      case 'approvals':
      case 'logs':
        return this.work[check]();
      case 'redis':
      case 'model':
      case 'model_calls':
      case 'mcp':
      case 'traces':
        return this.peers[check]();
      default:
        return this.edge[check](way);
    }
  }
}

function toFinding(check: CheckName, { found, cause: code }: Sight): Finding {
  if (code === undefined) return { check, status: 'ok', found };
  const causes: Readonly<Record<string, Cause>> = CHECKS[check].causes;
  const { status = 'warn', cause = '', cure = '' } = causes[code] ?? {};
  return { check, status, found, code, cause, cure };
}
