# Evermirror's stack from the zips of `make build`, run from the checkout that built them.

terraform {
  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.230"
    }
  }
}

variable "region" {
  type    = string
  default = "cn-hongkong"
}

variable "bucket" {
  type        = string
  description = "OSS bucket in the region, which exists already."
}

variable "release" {
  type        = string
  description = "Any word that is new for each release: ROS deploys new code under a new name."
}

variable "mode" {
  type        = string
  default     = "observe"
  description = "observe, act or paused."
}

variable "webhook_secret" {
  type        = string
  default     = ""
  sensitive   = true
  description = "whsec_...; empty for no webhook."
}

variable "stack_key" {
  type        = string
  sensitive   = true
  description = "32 random bytes or more in Base64 (openssl rand -base64 48), by which mirror believes the sweep; several separated by spaces while rotating."
}

provider "alicloud" {
  region = var.region
}

locals {
  root   = "${path.module}/../../.."
  prefix = "evermirror/${var.release}/"
  zips   = fileset("${local.root}/.build", "*.zip")
}

resource "alicloud_oss_bucket_object" "package" {
  for_each = local.zips
  bucket   = var.bucket
  key      = "${local.prefix}${each.value}"
  source   = "${local.root}/.build/${each.value}"
}

resource "alicloud_ros_stack" "evermirror" {
  stack_name         = "evermirror"
  template_body      = file("${local.root}/template.yml")
  timeout_in_minutes = 30

  parameters {
    parameter_key   = "CodeBucket"
    parameter_value = var.bucket
  }
  parameters {
    parameter_key   = "CodePrefix"
    parameter_value = local.prefix
  }
  parameters {
    parameter_key   = "Mode"
    parameter_value = var.mode
  }
  parameters {
    parameter_key   = "WebhookSecret"
    parameter_value = var.webhook_secret
  }

  parameters {
    parameter_key   = "StackKey"
    parameter_value = var.stack_key
  }

  depends_on = [alicloud_oss_bucket_object.package]
}
