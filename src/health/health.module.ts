import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AgentHealthReader } from './agent-health.js';
import { DatabaseChecks } from './diagnosis/database-checks.js';
import { DiagnosisController } from './diagnosis/diagnosis.controller.js';
import { DiagnosisService } from './diagnosis/diagnosis.service.js';
import { EdgeChecks } from './diagnosis/edge-checks.js';
import { PeerChecks } from './diagnosis/peer-checks.js';
import { WorkChecks } from './diagnosis/work-checks.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { MetricsAccess } from './metrics-access.js';
import { MetricsServer } from './metrics-server.js';
import { MongoProbe } from './mongo-probe.js';
import { ProcessLoad } from './process-load.js';
import { RuntimeMetrics } from './runtime-metrics.js';

/** Probes, metrics and diagnoses. Needs global providers of `RuntimeStats` and `RuntimeFacts`, and the `TelemetryModule`. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, DiagnosisController],
  providers: [
    HealthService,
    MongoProbe,
    ProcessLoad,
    RuntimeMetrics,
    AgentHealthReader,
    MetricsAccess,
    MetricsServer,
    DatabaseChecks,
    WorkChecks,
    PeerChecks,
    EdgeChecks,
    DiagnosisService,
  ],
  exports: [DiagnosisService],
})
export class HealthModule {}
