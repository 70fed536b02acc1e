import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/index.js';
import { PersonalDataModule } from '../personal-data.module.js';
import { PersonalDataController } from './personal-data.controller.js';

/** What is stored about one person, over HTTP. */
@Module({ imports: [AuditModule, PersonalDataModule], controllers: [PersonalDataController] })
export class PersonalDataHttpModule {}
