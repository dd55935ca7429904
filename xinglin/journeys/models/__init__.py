from xinglin.journeys.models.journey import Journey, JourneyNode, JourneyVersion
from xinglin.journeys.models.running import Enrolment, JourneyLane, JourneyStep, NodeTally
from xinglin.journeys.models.work import JourneyTask, WebhookCall

__all__ = [
    "Enrolment",
    "Journey",
    "JourneyLane",
    "JourneyNode",
    "JourneyStep",
    "JourneyTask",
    "JourneyVersion",
    "NodeTally",
    "WebhookCall",
]
