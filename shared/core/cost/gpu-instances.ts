/** What an EC2 instance with GPUs has. Memory in GiB as EC2 states it. */
export interface GpuInstance {
  readonly instanceType: string;
  readonly gpu: string;
  readonly gpus: number;
  readonly vcpus: number;
  readonly memoryGib: number;
}

/** The types whose prices ship; facts of the EC2 instance types, not prices. */
export const gpuInstances: readonly GpuInstance[] = [
  { instanceType: 'g4dn.xlarge', gpu: 'T4', gpus: 1, vcpus: 4, memoryGib: 16 },
  { instanceType: 'g5.xlarge', gpu: 'A10G', gpus: 1, vcpus: 4, memoryGib: 16 },
  { instanceType: 'g6.xlarge', gpu: 'L4', gpus: 1, vcpus: 4, memoryGib: 16 },
  { instanceType: 'g6e.2xlarge', gpu: 'L40S', gpus: 1, vcpus: 8, memoryGib: 64 },
  { instanceType: 'p3.2xlarge', gpu: 'V100', gpus: 1, vcpus: 8, memoryGib: 61 },
  { instanceType: 'p4d.24xlarge', gpu: 'A100', gpus: 8, vcpus: 96, memoryGib: 1152 },
  { instanceType: 'p5.48xlarge', gpu: 'H100', gpus: 8, vcpus: 192, memoryGib: 2048 },
];
