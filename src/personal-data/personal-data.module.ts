import { Module } from '@nestjs/common';
import { PersonalData } from './personal-data.js';

/** Everything that is stored about one person. */
@Module({ providers: [PersonalData], exports: [PersonalData] })
export class PersonalDataModule {}
