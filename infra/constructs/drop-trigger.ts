import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SwitchyardFunction } from './switchyard-function.ts';

export interface DropTriggerProps {
  readonly bucket: Bucket;
  /** Takes the events; says which of them failed. */
  readonly starter: SwitchyardFunction;
}

/** An event is tried so often before it goes to the dead letters. */
const MAX_TRIES = 5;
/** Jobs started at once: a thousand files dropped together are taken in turns. */
const MAX_STARTERS = 5;

/** A file put below `inbox/` or `inboxes/` becomes an event, a message, a job: nothing is lost on the way. */
export class DropTrigger extends Construct {
  readonly queue: Queue;
  /** Events that could not be made jobs of; kept two weeks, an alarm says so. */
  readonly deadLetters: Queue;
  readonly functionName: string;

  constructor(scope: Construct, id: string, { bucket, starter }: DropTriggerProps) {
    super(scope, id);
    this.functionName = starter.function.functionName;
    const timeoutSeconds = starter.function.timeout?.toSeconds() ?? 60;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...guarded,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      ...guarded,
      // Six times the function's time, or a message comes back while it is still worked on.
      visibilityTimeout: Duration.seconds(6 * timeoutSeconds),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_TRIES },
    });
    const rule = new Rule(this, 'Created', {
      description: 'Files put into a drop zone',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [bucket.bucketName] },
          object: { key: [{ prefix: 'inbox/' }, { prefix: 'inboxes/' }] },
        },
      },
    });
    rule.addTarget(new SqsQueue(this.queue, { deadLetterQueue: this.deadLetters }));
    allowRule(this.deadLetters, rule);
    starter.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 10,
        maxConcurrency: MAX_STARTERS,
        reportBatchItemFailures: true,
      }),
    );
  }
}

const guarded = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
} as const satisfies QueueProps;

/** An event that could not be put into the queue goes to the dead letters by itself. */
function allowRule(queue: Queue, rule: Rule): void {
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }),
  );
}
