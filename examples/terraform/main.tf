# What cutover needs on AWS, as examples/cdk makes it. TEXT ONLY: no Terraform has read this file yet, and no test runs it.
# The policies are read from docs/operations/policies; the identifiers are made up.

terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = local.region
}

locals {
  region           = "eu-west-1"
  account          = "123456789012"
  vpc              = "vpc-0123456789abcdef0"
  public_subnets   = ["subnet-0a0a0a0a0a0a0a0a0", "subnet-0b0b0b0b0b0b0b0b0"]
  private_subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
  platform_server  = "10.0.1.20"
  certificate      = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
  image            = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/cutover:0.1.0"
  hook_secret      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:outsystems/hook-secret-AbCdEf"
  temporal_address = "temporal.example.com:7233"
  # The addresses of the NAT gateways, from which workers and the Platform Server come.
  come_from = ["203.0.113.10/32", "203.0.113.11/32"]

  # Longer names first: one placeholder may be the end of another.
  policies = {
    for name in ["worker", "execution-role", "execution-role-secrets", "tasks-trust"] : name => jsondecode(
      replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        file("${path.module}/../../docs/operations/policies/${name}.json"),
        "PARTITION", "aws"), "REGION", local.region), "EXECUTION_ROLE", "outsystems-execution"),
        "TASK_ROLE", "outsystems-task"), "LOAD_BALANCER", "outsystems"), "LOG_GROUP", "/ecs/outsystems"),
        "ACCOUNT", local.account), "CLUSTER", "outsystems"), "SECRETS_KEY", "unused"), "SECRETS", "outsystems")
    )
  }
  roles = {
    outsystems-execution = { execution = local.policies["execution-role"] }
    outsystems-task      = {}
    cutover-worker       = { cutover = local.policies["worker"] }
    cutover-hooks        = {}
    cutover-execution = {
      execution = local.policies["execution-role"]
      secrets = merge(local.policies["execution-role-secrets"], {
        Statement = [for one in local.policies["execution-role-secrets"].Statement : one if one.Sid == "ReadSecrets"]
      })
    }
  }
  role_policies = merge([
    for role, policies in local.roles : { for name, policy in policies : "${role}/${name}" => { role = role, policy = policy } }
  ]...)
}

resource "aws_iam_role" "this" {
  for_each           = local.roles
  name               = each.key
  assume_role_policy = jsonencode(local.policies["tasks-trust"])
}

resource "aws_iam_role_policy" "this" {
  for_each = local.role_policies
  name     = split("/", each.key)[1]
  role     = aws_iam_role.this[each.value.role].name
  policy   = jsonencode(each.value.policy)
}

resource "aws_ecs_cluster" "outsystems" {
  name = "outsystems"
}

resource "aws_cloudwatch_log_group" "outsystems" {
  name              = "/ecs/outsystems"
  retention_in_days = 30
}

resource "aws_security_group" "load_balancer" {
  name   = "outsystems-load-balancer"
  vpc_id = local.vpc

  dynamic "ingress" {
    for_each = { 80 = ["0.0.0.0/0"], 443 = ["0.0.0.0/0"], 8443 = local.come_from, 8083 = local.come_from }
    content {
      from_port   = tonumber(ingress.key)
      to_port     = tonumber(ingress.key)
      protocol    = "tcp"
      cidr_blocks = ingress.value
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Of the applications, and of cutover's own tasks.
resource "aws_security_group" "tasks" {
  for_each = toset(["applications", "cutover"])
  name     = "outsystems-${each.key}"
  vpc_id   = local.vpc

  ingress {
    from_port       = 0
    to_port         = 65535
    protocol        = "tcp"
    security_groups = [aws_security_group.load_balancer.id]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "outsystems" {
  name                       = "outsystems"
  load_balancer_type         = "application"
  subnets                    = local.public_subnets
  security_groups            = [aws_security_group.load_balancer.id]
  idle_timeout               = 60
  drop_invalid_header_fields = true
  enable_deletion_protection = true
}

resource "aws_lb_target_group" "platform_server" {
  name        = "platform-server"
  vpc_id      = local.vpc
  target_type = "ip"
  protocol    = "HTTP"
  port        = 80
  health_check { path = "/ServiceCenter/_ping.aspx" }
}

resource "aws_lb_target_group_attachment" "platform_server" {
  target_group_arn = aws_lb_target_group.platform_server.arn
  target_id        = local.platform_server
}

# Its default rule is yours: cutover never changes it, and makes rules of its own, which are declared nowhere.
resource "aws_lb_listener" "live" {
  load_balancer_arn = aws_lb.outsystems.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.platform_server.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.outsystems.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.outsystems.arn
  port              = 8443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_target_group" "hooks" {
  name                 = "cutover-hooks"
  vpc_id               = local.vpc
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = 8083
  deregistration_delay = 30
  health_check { path = "/readyz" }
}

resource "aws_lb_listener" "hooks" {
  load_balancer_arn = aws_lb.outsystems.arn
  port              = 8083
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.hooks.arn
  }
}

# The applications' App.config and secrets, and cutover's settings: a file system each.
resource "aws_efs_file_system" "this" {
  for_each  = toset(["applications", "cutover"])
  encrypted = true
  lifecycle { prevent_destroy = true }
}

resource "aws_security_group" "files" {
  for_each = aws_efs_file_system.this
  name     = "outsystems-files-${each.key}"
  vpc_id   = local.vpc
  ingress {
    from_port       = 2049
    to_port         = 2049
    protocol        = "tcp"
    security_groups = [for name, group in aws_security_group.tasks : group.id if name == "cutover" || name == each.key]
  }
}

resource "aws_efs_mount_target" "this" {
  for_each        = { for pair in setproduct(["applications", "cutover"], local.private_subnets) : join("/", pair) => pair }
  file_system_id  = aws_efs_file_system.this[each.value[0]].id
  subnet_id       = each.value[1]
  security_groups = [aws_security_group.files[each.value[0]].id]
}

resource "aws_efs_access_point" "this" {
  for_each       = { settings = "cutover", copies = "applications" }
  file_system_id = aws_efs_file_system.this[each.value].id
  posix_user {
    uid = 1000
    gid = 1000
  }
  root_directory {
    path = "/${each.key}"
    creation_info {
      owner_uid   = 1000
      owner_gid   = 1000
      permissions = "755"
    }
  }
}

locals {
  processes = {
    worker = {
      command = ["worker"], role = "cutover-worker", cpu = 1024, memory = 2048, count = 2, secrets = [], ports = []
      environment = { NODE_OPTIONS = "--max-old-space-size=1600" }
      mounts      = { settings = "/etc/cutover", copies = "/mnt/outsystems/copies" }
      ready       = "process.env.CUTOVER_HEALTH.split(':').pop()"
    }
    hooks = {
      command = ["hooks", "--host", "0.0.0.0", "--port", "8083"], role = "cutover-hooks", cpu = 256, memory = 512, count = 1
      secrets     = [{ name = "CUTOVER_HOOK_SECRET", valueFrom = local.hook_secret }]
      ports       = [{ containerPort = 8083 }]
      environment = {}
      mounts      = { settings = "/etc/cutover" }
      ready       = "8083"
    }
  }
}

resource "aws_ecs_task_definition" "cutover" {
  for_each                 = local.processes
  family                   = "cutover-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  task_role_arn            = aws_iam_role.this[each.value.role].arn
  execution_role_arn       = aws_iam_role.this["cutover-execution"].arn

  # Bundles are unpacked on the task's disk.
  volume { name = "bundles" }

  dynamic "volume" {
    for_each = each.value.mounts
    content {
      name = volume.key
      efs_volume_configuration {
        file_system_id     = aws_efs_access_point.this[volume.key].file_system_id
        transit_encryption = "ENABLED"
        authorization_config { access_point_id = aws_efs_access_point.this[volume.key].id }
      }
    }
  }

  container_definitions = jsonencode([{
    name                   = "cutover"
    image                  = local.image
    command                = each.value.command
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = 30
    portMappings           = each.value.ports
    secrets                = each.value.secrets
    environment = [
      for name, value in merge({ TEMPORAL_ADDRESS = local.temporal_address, TEMPORAL_NAMESPACE = "deployments" }, each.value.environment) :
      { name = name, value = value }
    ]
    mountPoints = concat(
      [{ sourceVolume = "bundles", containerPath = "/var/lib/cutover", readOnly = false }],
      [for name, path in each.value.mounts : { sourceVolume = name, containerPath = path, readOnly = name == "settings" }]
    )
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = "/ecs/outsystems", awslogs-region = local.region, awslogs-stream-prefix = "cutover" }
    }
    healthCheck = {
      command = ["CMD", "node", "-e",
        "fetch('http://127.0.0.1:'+${each.value.ready}+'/readyz').then(r=>process.exit(+!r.ok),()=>process.exit(1))"
      ]
      interval    = 10
      timeout     = 3
      retries     = 3
      startPeriod = 30
    }
  }])
}

resource "aws_ecs_service" "cutover" {
  for_each                           = local.processes
  name                               = "cutover-${each.key}"
  cluster                            = aws_ecs_cluster.outsystems.arn
  task_definition                    = aws_ecs_task_definition.cutover[each.key].arn
  launch_type                        = "FARGATE"
  desired_count                      = each.value.count
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets         = local.private_subnets
    security_groups = [aws_security_group.tasks["cutover"].id]
  }

  dynamic "load_balancer" {
    for_each = each.value.ports
    content {
      target_group_arn = aws_lb_target_group.hooks.arn
      container_name   = "cutover"
      container_port   = load_balancer.value.containerPort
    }
  }

  depends_on = [aws_lb_listener.hooks, aws_efs_mount_target.this]
}
