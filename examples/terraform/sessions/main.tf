# Sessions that Terraform declares and Evermirror fills.

terraform {
  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.230"
    }
  }
}

variable "target" {
  type        = string
  description = "Internal load balancer in front of the sensors, with a listener on UDP 4789."
}

variable "first_sources" {
  type        = list(string)
  description = "One interface for each session, which is not created without; Evermirror brings the others."
}

resource "alicloud_vpc_traffic_mirror_filter" "everything" {
  traffic_mirror_filter_name = "everything"
}

resource "alicloud_vpc_traffic_mirror_filter_ingress_rule" "everything" {
  traffic_mirror_filter_id = alicloud_vpc_traffic_mirror_filter.everything.id
  priority                 = 1
  rule_action              = "accept"
  protocol                 = "ALL"
  destination_cidr_block   = "0.0.0.0/0"
  source_cidr_block        = "0.0.0.0/0"
}

resource "alicloud_vpc_traffic_mirror_session" "ids" {
  count                       = length(var.first_sources)
  traffic_mirror_session_name = "ids-${count.index + 1}"
  priority                    = 100 + count.index
  enabled                     = true
  traffic_mirror_filter_id    = alicloud_vpc_traffic_mirror_filter.everything.id
  traffic_mirror_target_id    = var.target
  traffic_mirror_target_type  = "SLB"
  traffic_mirror_source_ids   = [var.first_sources[count.index]]

  lifecycle {
    # Without this line the next apply removes every source that Evermirror added.
    ignore_changes = [traffic_mirror_source_ids]
  }
}
